/* SPDX-License-Identifier: Apache-2.0 */
/* Where the members of a struct or union stand: offsets, sizes, bits, holes. */
#pragma once

#include <bpf/btf.h>
#include <stdint.h>

#include "libcommon/base/arena.h"
#include "libcommon/base/error.h"
#include "libcommon/base/str.h"
#include "libcommon/base/vec.h"

enum layout_kind {
	LAYOUT_MEMBER,
	LAYOUT_OPEN,  /* a struct or union without a name begins: its members follow */
	LAYOUT_CLOSE, /* and ends: the member itself */
	LAYOUT_HOLE,  /* bits that no member uses */
};

struct layout_line {
	enum layout_kind kind;
	unsigned depth;   /* of the line in the outermost type, which has depth 0 */
	const char *text; /* in C, without the semicolon: "char comm[16]", "union {", "} name[2]";
			     of a hole "hole", or "padding" at the end */
	const char *name; /* LAYOUT_MEMBER and LAYOUT_CLOSE; may be empty */
	const char *type; /* LAYOUT_MEMBER: as C spells it; LAYOUT_CLOSE: "struct", "union" */
	uint64_t bit_at;  /* from the start of the outermost type */
	uint64_t bits;    /* how many it takes; 0 of what has no size */
	bool is_bit_field;
};

struct layout {
	uint64_t size; /* bytes */
	VEC(struct layout_line) lines;
};

/*
 * The layout of a struct, a union, or a typedef of one without a name; an empty one with size 0
 * for all other types. btf must have passed btf_check or be the kernel's. Texts are in arena;
 * layout_deinit the result.
 */
struct error *layout_make(
	const struct btf *btf, uint32_t id, struct arena *arena, struct layout *ret);
void layout_deinit(struct layout *layout);

/* Appends it as C with a comment behind each member, without a line feed at its end. */
void layout_write(const struct layout *layout, struct str *out);
