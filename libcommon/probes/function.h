/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of a file that the name in an attach point matches. */
#pragma once

#include "libcommon/base/arena.h"
#include "libcommon/base/vec.h"
#include "libcommon/elf/elf.h"

/* Texts are in the arena of the query. */
struct function {
	const char *name;
	const char *shown; /* in the probe's name: "name@OLD", "cpp:\"ns::fn(int)\"" */
	uint64_t address;
	uint64_t function_offset; /* of an address: bytes from the start of its function */
	uint64_t size;
	bool is_old;   /* a symbol version that is not the default */
	bool is_local; /* not exported */
};

typedef VEC(struct function) functions;

/*
 * What to search for: "malloc", "foo@V1", "mal*", or a demangled C++ name. A name is compared
 * literally first, since C++ names can contain '*'.
 */
struct function_query {
	const char *name;
	bool demangled; /* compare demangled names, too */
	struct arena *arena;
};

/*
 * Adds the matching functions sorted by name, each address once; a name without a version matches
 * the default version, or old ones if there is no default. *is_indirect is set when an indirect
 * function (ifunc) matched, which is skipped. The caller deinits *ret, also after an error.
 */
struct error *function_find(const struct function_query *query, const struct host *host,
	struct elf *elf, functions *ret, bool *is_indirect);

/* The name of the undefined (imported) symbol that matches; NULL when there is none. */
const char *function_import(const struct function_query *query, struct elf *elf);
