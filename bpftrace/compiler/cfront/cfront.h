/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The script's text in C: what begins with #, and definitions that the parser of bind/cdef.c does
 * not understand. Clang's library reads them; nothing of it is loaded for other scripts.
 */
#pragma once

#include "bpftrace/compiler/compilation.h"

/* Most bytes of a struct: BTF counts offsets in bits, in 32 bits. */
enum { C_BYTES_MAX = (1 << 29) - 1 };

/*
 * The pass parse: c->program. With preprocessor lines, or --include, the script is read twice: as
 * it is, and then with its macros expanded and without what their conditions exclude. Spans are of
 * the script as it is.
 */
void cfront_parse(struct compilation *c);

/* Makes types of the definitions that cfront_parse has read; false when the script has no
 * preprocessor lines, so there are none. */
bool cfront_define(struct compilation *c);

/*
 * Reads the script's definitions without preprocessor lines and makes types of those that are not
 * defined yet. Returns false when that failed; what was wrong is reported unless the library is
 * not installed, for which *ret_missing is the error.
 */
bool cfront_read_definitions(struct compilation *c, struct error **ret_missing);

/* Frees what cfront_parse and cfront_read_definitions leave; types are then not asked of headers.
 */
void cfront_deinit(struct compilation *c);
