/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions of the kernel, and which of them can be traced. Each list is read at its first use:
 * the functions that ftrace can enter (available_filter_functions), all symbols (/proc/kallsyms),
 * and those that kprobes must not touch (kprobes/blacklist). Sources:
 * Documentation/trace/ftrace.rst and Documentation/trace/kprobes.rst of the kernel.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "host.h"

struct functions;

struct kernel_function {
	const char *name;
	const char *module; /* "" when it is the kernel's own */
	uint64_t address;   /* 0 when the list does not contain or hides it */
};

typedef VEC(struct kernel_function) kernel_functions;
typedef VEC(uint64_t) function_addresses;

/* Nothing is read yet; host is borrowed. */
struct functions *functions_new(const struct host *host);
/* What can be traced is what this text lists, as the kernel's list does; it is copied. */
void functions_list(struct functions *functions, const char *text);
/* Reads the symbols now, which takes long, instead of when they are first needed. */
void functions_read(struct functions *functions);
void functions_free(struct functions *functions); /* NULL-safe; all texts are gone with it */

/*
 * All that can be traced, in the kernel's order, borrowed; a name may come several times. Where the
 * kernel's list cannot be read these are the symbols of code; an error when that list is missing
 * too.
 */
struct error *functions_traceable(struct functions *functions, const kernel_functions **ret);

/* The same from the kernel's list only, for those who show it; an error where it cannot be read. */
struct error *functions_listed(struct functions *functions, const kernel_functions **ret);

/* The first one of the name, listed or another name of one that is; module NULL: of any. NULL when
 * there is none. */
const struct kernel_function *functions_find(
	struct functions *functions, const char *module, const char *name);

/* Whether several of those that can be traced have this name. */
bool functions_is_shared(struct functions *functions, const char *name);

/* Whether several of those in this module have it. */
bool functions_is_ambiguous(struct functions *functions, const char *module, const char *name);

/* Whether kprobes may not be put into it, as the kernel's code for kprobes itself. */
bool functions_is_blacklisted(struct functions *functions, const char *name);

enum function_state {
	FUNCTION_ABSENT, /* no symbol of the name: no such function, or only inlined copies of it */
	FUNCTION_DATA,   /* a symbol, but of data */
	FUNCTION_UNTRACED, /* code that the kernel keeps ftrace and kprobes out of */
	FUNCTION_PARTIAL,  /* the compiler left only variants of it, as foo.isra.0 */
};

/* Why a name that functions_find does not find is none; *ret_variant is for FUNCTION_PARTIAL. */
enum function_state functions_explain(
	struct functions *functions, const char *name, const char **ret_variant);

/* Adds where the functions of a module ("": the kernel's own) with this name are in memory, in
 * the kernel's order; nothing when there are none, or kptr_restrict hides them from this
 * process. */
void functions_addresses(
	struct functions *functions, const char *module, const char *name, function_addresses *ret);

/* How many bytes a function has at the most: up to the symbol behind its address; 0 when there is
 * none. */
uint64_t functions_size(struct functions *functions, uint64_t address);

/* Whether a module of the name is loaded. */
bool functions_has_module(struct functions *functions, const char *module);
