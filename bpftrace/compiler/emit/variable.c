/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places of variables and temporaries. Integers, pointers and small tuples of them stand on the
 * stack, where LLVM turns them into registers; everything with a string in it and everything large
 * stands in the scratch slot of the program run, so the 512 bytes of the BPF stack never limit a
 * script. What the body of a loop changes of the block around it stands there too.
 */
#include "ir.h"

enum {
	STACK_VARIABLES = 192, /* bytes of all variables of a function */
};

/* The slots behind stack_used are free: one of the size comes to the end of those in use. */
LLVMValueRef variable_stack(struct emitter *e, uint32_t size)
{
	struct bpf_function *function = e->function;
	uint32_t words = ALIGN_UP(size, 8u) / 8;
	size_t at = function->stack_used++;
	while (at < function->stack.count && function->stack.items[at].words != words)
		at++;
	if (at == function->stack.count) {
		LLVMValueRef address = ir_alloca(e, LLVMArrayType(e->i64, words), "");
		vec_push(&function->stack, ((struct stack_slot){address, words}));
	}
	struct stack_slot *slots = function->stack.items, found = slots[at];
	slots[at] = slots[function->stack_used - 1];
	slots[function->stack_used - 1] = found;
	return found.address;
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
	case TYPE_NAMED:
		/* the kernel fills as much of it as is known at run time only */
		if (types_is_named(types, type, NAMED_BUF))
			return false;
		return fits_stack(types, types_form(types, type), aligned);
	case TYPE_STRUCT:
	case TYPE_UNION: return aligned && members_fit_stack(types, type, aligned);
	case TYPE_TUPLE: return members_fit_stack(types, type, aligned);
	default: return true;
	}
}

static bool goes_on_stack(const struct emitter *e, uint32_t type)
{
	return types_size(e->c->types, type) <= STACK_MOST && fits_stack(e->c->types, type, true);
}

struct place variable_temporary(struct emitter *e, uint32_t type)
{
	uint32_t size = types_size(e->c->types, type);
	return (struct place){
		.type = type,
		.address = goes_on_stack(e, type) ? variable_stack(e, size)
						  : variable_scratch(e, size),
		.padded = true,
	};
}

/* Where a variable stands. Scratch is found by an offset, since every function has the slot's
 * address in a value of its own; a copy there is for the bodies of loops. */
struct room {
	struct place place; /* on the stack of its function */
	bool in_scratch;
	bool has_copy; /* in scratch, too */
	uint32_t offset;
};

/* There is little of it; the rounds of a while loop can be counted there only. */
static bool has_stack_left(struct emitter *e, const struct variable *variable)
{
	struct bpf_function *function = e->function;
	uint32_t size = ALIGN_UP(types_size(e->c->types, variable->type), 8u);
	bool is_room = function->variables_used + size <= STACK_VARIABLES;
	if (!goes_on_stack(e, variable->type) || (!is_room && !variable->counts))
		return false;
	function->variables_used += size;
	return true;
}

static struct room *make_room(struct emitter *e, const struct variable *variable)
{
	struct room *room = arena_new(e->c->arena, struct room);
	uint32_t size = types_size(e->c->types, variable->type);
	room->place.type = variable->type;
	room->place.padded = true;
	room->in_scratch = variable->changed || !has_stack_left(e, variable);
	room->has_copy = variable->shared && !room->in_scratch;
	room->offset = e->function->scratch_used;
	if (room->in_scratch || room->has_copy)
		variable_scratch(e, size);
	if (!room->in_scratch)
		room->place.address = variable_stack(e, size);
	return room;
}

/* Variables are placed before the first statement of their function, so that temporaries come and
 * go behind them, and start as zeros. */
void variable_place_all(struct emitter *e, const struct for_loop *loop)
{
	struct variable **variable;
	vec_for_each (&e->unit->variables, variable) {
		if (!(*variable)->type || (*variable)->loop != loop)
			continue;
		(*variable)->place = make_room(e, *variable);
		variable_clear(e, *variable);
	}
}

static LLVMValueRef in_scratch(struct emitter *e, const struct variable *variable)
{
	const struct room *room = variable->place;
	return ir_offset(e, e->function->scratch, room->offset);
}

struct place variable_place(struct emitter *e, const struct variable *variable)
{
	const struct room *room = variable->place;
	const struct borrowed *borrowed;
	struct place place = room->place;
	if (room->in_scratch || variable->loop != e->function->loop)
		place.address = in_scratch(e, variable);
	vec_for_each (&e->function->borrowed, borrowed) {
		if (borrowed->variable == variable)
			place.address = borrowed->address;
	}
	return place;
}

/* --- what the bodies of loops share with the functions around them --- */

/*
 * The verifier knows what stands on the stack but not what stands in scratch. A function keeps
 * there only what others need while it calls them, and works with copies of its own: so loops
 * around and inside of such a body still count their rounds.
 */
void variable_lend(struct emitter *e)
{
	struct variable **variable;
	vec_for_each (&e->unit->variables, variable) {
		const struct room *room = (*variable)->place;
		if (!room || !room->has_copy || (*variable)->loop != e->function->loop)
			continue;
		strings_move(e, in_scratch(e, *variable), room->place.address,
			types_size(e->c->types, room->place.type));
	}
	variable_give_back(e);
}

static bool is_of_outer(const struct emitter *e, const struct variable *variable)
{
	for (const struct bpf_function *outer = e->function->outer; outer; outer = outer->outer)
		if (outer->loop == variable->loop)
			return true;
	return false;
}

void variable_borrow(struct emitter *e)
{
	struct variable **variable;
	vec_for_each (&e->unit->variables, variable) {
		if (!(*variable)->place || !(*variable)->shared || !is_of_outer(e, *variable) ||
			!has_stack_left(e, *variable))
			continue;
		uint32_t size = types_size(e->c->types, (*variable)->type);
		LLVMValueRef own = variable_stack(e, size);
		strings_move(e, own, in_scratch(e, *variable), size);
		vec_push(&e->function->borrowed, ((struct borrowed){*variable, own}));
	}
}

void variable_give_back(struct emitter *e)
{
	const struct borrowed *borrowed;
	vec_for_each (&e->function->borrowed, borrowed) {
		if (borrowed->variable->changed)
			strings_move(e, in_scratch(e, borrowed->variable), borrowed->address,
				types_size(e->c->types, borrowed->variable->type));
	}
}

void variable_take_back(struct emitter *e)
{
	const struct borrowed *borrowed;
	vec_for_each (&e->function->borrowed, borrowed) {
		if (borrowed->variable->changed)
			strings_move(e, borrowed->address, in_scratch(e, borrowed->variable),
				types_size(e->c->types, borrowed->variable->type));
	}
}

void variable_clear(struct emitter *e, const struct variable *variable)
{
	access_clear(e, variable_place(e, variable));
}
