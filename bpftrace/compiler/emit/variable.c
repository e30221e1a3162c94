/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places of variables and temporaries. Integers, pointers and small tuples of them stand on the
 * stack, where LLVM turns them into registers; everything with a string in it and everything large
 * stands in the scratch slot of the program run, so the 512 bytes of the BPF stack never limit a
 * script.
 */
#include "ir.h"

enum {
	STACK_MOST = 64, /* bytes of one place on the stack */
};

LLVMValueRef variable_stack(struct emitter *e, uint32_t size)
{
	return ir_alloca(e, LLVMArrayType(e->i64, ALIGN_UP(size, 8u) / 8), "");
}

LLVMValueRef variable_scratch(struct emitter *e, uint32_t size)
{
	struct bpf_function *function = e->function;
	uint32_t at = function->scratch_used;
	function->scratch_used += ALIGN_UP(MAX(size, 1u), 8u);
	function->scratch_most = MAX(function->scratch_most, function->scratch_used);
	return ir_offset(e, function->scratch, at);
}

static bool fits_stack(const struct types *types, uint32_t type, bool aligned);

/* Bit-fields are read by words that may reach over the end. */
static bool members_fit_stack(const struct types *types, uint32_t type, bool aligned)
{
	for (uint32_t i = 0; i < types_member_count(types, type); i++) {
		struct types_member member = types_member_at(types, type, i);
		bool at_word = aligned && member.bit_offset % 64 == 0;
		if (member.bit_size || !fits_stack(types, member.type, at_word))
			return false;
	}
	return true;
}

/* What is copied by words must begin at one, for the stack takes no others. */
static bool fits_stack(const struct types *types, uint32_t type, bool aligned)
{
	switch (types_class(types, type)) {
	case TYPE_STRING: return false;
	case TYPE_ARRAY:
		return aligned && fits_stack(types, types_element(types, type, NULL), true);
	case TYPE_NAMED: return fits_stack(types, types_form(types, type), aligned);
	case TYPE_STRUCT:
	case TYPE_UNION: return aligned && members_fit_stack(types, type, aligned);
	case TYPE_TUPLE: return members_fit_stack(types, type, aligned);
	default: return true;
	}
}

struct place variable_temporary(struct emitter *e, uint32_t type)
{
	uint32_t size = types_size(e->c->types, type);
	bool stack = size <= STACK_MOST && fits_stack(e->c->types, type, true);
	return (struct place){
		.type = type,
		.address = stack ? variable_stack(e, size) : variable_scratch(e, size),
		.padded = true,
	};
}

/* The block's variables are placed before its first statement, so that temporaries come and go
 * behind them, and start as zeros. */
void variable_place_all(struct emitter *e)
{
	struct variable **variable;
	vec_for_each (&e->unit->variables, variable) {
		if (!(*variable)->type)
			continue;
		struct place *place = arena_new(e->c->arena, struct place);
		*place = variable_temporary(e, (*variable)->type);
		strings_fill(e, place->address, types_size(e->c->types, place->type));
		(*variable)->place = place;
	}
}

struct place variable_place(struct variable *variable)
{
	return *(struct place *)variable->place;
}
