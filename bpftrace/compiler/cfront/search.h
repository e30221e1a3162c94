/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where headers are looked for, as options of the C compiler, in this order: -I, CPATH; the
 * kernel's headers, if the script includes one of them; C_INCLUDE_PATH; the system's headers below
 * the root; and the few that a C compiler has itself (own_headers.h).
 */
#pragma once

#include "bpftrace/compiler/compilation.h"

struct c_search {
	VEC(const char *) options;
	VEC(const char *) kernel; /* directories with headers of the kernel, of which some exist */
	const char *source, *build; /* the kernel's directories; NULL: not found */
	bool uses_kernel;
};

/* The kernel's directories; no options yet. */
void search_init(struct compilation *c, struct c_search *search);
void search_deinit(struct c_search *search);

/* Whether the kernel's directories have a header of this name. */
bool search_kernel_has(
	const struct compilation *c, const struct c_search *search, const char *name);

/* Whether a directory of the options has the header that <name> includes. */
bool search_has(const struct compilation *c, const struct c_search *search, const char *name);

/* All options, for a script that includes headers of the kernel or not. */
void search_options(struct compilation *c, struct c_search *search, bool uses_kernel);

/* Whether a header belongs to the kernel: to its sources, or to its interface for programs. */
bool search_is_kernel(const struct compilation *c, const struct c_search *search, const char *path);

/* Appends where the kernel's headers were searched, and which variables change it. */
void search_explain_kernel(
	const struct compilation *c, const struct c_search *search, struct str *out);

/* The directories that the user names, in their order: -I, CPATH, C_INCLUDE_PATH. */
typedef VEC(const char *) search_dirs;
void search_named(const struct compilation *c, search_dirs *ret);
