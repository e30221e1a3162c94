/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that read the script's definitions in C share. */
#pragma once

#include "bind.h"
#include "bpftrace/compiler/ast/parser.h"

struct cdef {
	struct compilation *c;
	struct parser parser;
	bool failed;       /* the definition is wrong, or not for this parser, which was reported */
	bool is_too_large; /* … beyond what any compiler can make of it here */
	const struct types_constant *constants; /* of the enum that is being read */
	size_t constant_count;
};

/* __attribute__((packed, aligned(8))) and the kernel's short forms. */
struct cdef_attributes {
	bool packed;
	uint32_t align; /* at least so many bytes */
};

void cdef_error(struct cdef *cdef, struct span span, const char *format, ...) _printf_(3, 4);

/* --- cdef_type.c --- */

/* "const struct s *const name[4]" but for the first part, which several names share: base is the
 * type up to the first star. */
struct cdef_declarator {
	const char *name; /* NULL: none */
	struct span span;
	uint32_t type;
};

/* The words before the first declarator; defines what has braces. */
uint32_t cdef_specifiers(struct cdef *cdef, struct cdef_attributes *attributes);
struct cdef_declarator cdef_declarator(struct cdef *cdef, uint32_t base);
void cdef_attributes(struct cdef *cdef, struct cdef_attributes *attributes);

/* A constant of C; 0 when it is none, which is reported. */
int64_t cdef_constant(struct cdef *cdef);

/* The size, of a type by value; 0 and an error for what is not complete. */
uint32_t cdef_size(struct cdef *cdef, uint32_t *type, struct span span);

/* --- cdef_struct.c: at struct, union or enum --- */

uint32_t cdef_tagged(struct cdef *cdef);
