/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of a value that belong to no member. In a key they must be zero, so that equal values are
 * the same key; and the verifiers of old kernels refuse to copy uninitialized stack bytes to a map.
 */
#include <string.h>

#include "bpftrace/compiler/bind/typename.h"
#include "holes.h"
#include "ir.h"

static void use(const struct types *types, uint32_t type, bool *used);

static void use_bits(struct types_member member, bool *used)
{
	for (uint32_t bit = member.bit_offset; bit < member.bit_offset + member.bit_size; bit++)
		used[bit / 8] = true;
}

static void use_members(const struct types *types, uint32_t type, bool *used)
{
	for (uint32_t i = 0; i < types_member_count(types, type); i++) {
		struct types_member member = types_member_at(types, type, i);

		if (member.bit_size)
			use_bits(member, used);
		else
			use(types, member.type, used + member.bit_offset / 8);
	}
}

static void use_elements(const struct types *types, uint32_t type, bool *used)
{
	uint32_t count = 0, element = types_element(types, type, &count);

	for (uint32_t i = 0; i < count && types_size(types, element); i++)
		use(types, element, used + (size_t)i * types_size(types, element));
}

/* Marks the bytes of the type's values that mean something. */
static void use(const struct types *types, uint32_t type, bool *used)
{
	switch (types_class(types, type)) {
	case TYPE_STRUCT:
	case TYPE_UNION:
	case TYPE_TUPLE: use_members(types, type, used); return;
	case TYPE_ARRAY: use_elements(types, type, used); return;
	case TYPE_MEANING: use(types, types_form(types, type), used); return;
	default: memset(used, true, types_size(types, type));
	}
}

/* Returns the bytes of the hole at this offset that one aligned store can cover: a power of two. */
static uint32_t piece_at(const bool *used, uint32_t size, uint32_t at)
{
	uint32_t room = 0, piece = sizeof(uint64_t);

	while (at + room < size && room < piece && !used[at + room])
		room++;
	while (piece > room || at % piece)
		piece /= 2;
	return piece;
}

/* Each piece is an instruction, and jumps over more than 32767 of them cannot be encoded. */
enum { PIECES_MOST = 8192 };

static void refuse(struct emitter *e, uint32_t type, struct span span)
{
	diag_error(e->c->diags, span,
		"a value of type '%s' is too large: it has more than %d words of padding",
		typename_spell(e->c, type), PIECES_MOST);
	diag_hint(e->c->diags, "use its members one by one");
}

void holes_fill(struct emitter *e, struct place place, struct span span)
{
	uint32_t size = types_size(e->c->types, place.type), piece, pieces = 0;
	bool *used = arena_array(e->c->arena, bool, size);

	use(e->c->types, place.type, used);
	for (uint32_t at = 0; at < size; at += piece) {
		piece = 1;
		if (used[at])
			continue;
		if (pieces++ == PIECES_MOST) {
			refuse(e, place.type, span);
			return;
		}
		piece = piece_at(used, size, at);
		ir_store(e, ir_offset(e, place.address, at), ir_const(e, 0), piece);
	}
}
