/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of a struct or union: offsets and sizes of members, bit-fields, holes. */
#pragma once

#include <bpf/btf.h>
#include <stdint.h>

#include "declaration.h"
#include "libcommon/base/arena.h"
#include "libcommon/base/error.h"
#include "libcommon/base/str.h"
#include "libcommon/base/vec.h"

enum layout_kind {
	LAYOUT_MEMBER,
	LAYOUT_OPEN,  /* begin of an anonymous struct or union, whose members follow */
	LAYOUT_CLOSE, /* its end, with the name and size of the member */
	LAYOUT_HOLE,  /* bytes without a member */
};

struct layout_line {
	enum layout_kind kind;
	unsigned depth;   /* of the line in the outermost type, which has depth 0 */
	const char *text; /* in C, without the semicolon: "char comm[16]", "union {", "} name[2]";
			     of a hole "hole", or "padding" at the end */
	const char *name; /* LAYOUT_MEMBER and LAYOUT_CLOSE; may be empty */
	const char *type; /* LAYOUT_MEMBER: as C spells it; LAYOUT_CLOSE: "struct", "union" */
	uint64_t bit_at;  /* from the start of the outermost type */
	uint64_t bits;    /* size; 0 for types without a size */
	bool is_bit_field;
};

struct layout {
	uint64_t size; /* bytes */
	VEC(struct layout_line) lines;
};

/*
 * Makes the layout of a struct, a union, or a typedef of an anonymous one; without lines and with
 * size 0 for other types. The declarator's BTF must have passed btf_check or be the kernel's. Texts
 * are in arena; the caller deinits *ret.
 */
struct error *layout_make(
	struct declarator *declarator, uint32_t id, struct arena *arena, struct layout *ret);
void layout_deinit(struct layout *layout);

/* Appends the layout as C, with a comment of offset and size behind each member; no newline at the
 * end. */
void layout_write(const struct layout *layout, struct str *out);

/* The same without comments. */
void layout_write_plain(const struct layout *layout, struct str *out);
