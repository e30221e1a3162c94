/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places of variables and temporaries. Integers, pointers and small tuples of them are on the
 * stack, where LLVM promotes them to registers; strings and large objects are in the scratch slot
 * of the program run, so the 512 bytes of the BPF stack never limit a script. Variables that the
 * body of a loop and the function around it share are spilled there, too.
 */
#include "access.h"
#include "ir.h"
#include "strings.h"
#include "variable.h"

enum {
	STACK_VARIABLES = 192, /* bytes of all variables of a function */
};

/* The slots behind stack_used are free: one of the size becomes the last one in use. */
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

/* Objects that are copied by words must be aligned to words, which the verifier requires of the
 * stack. */
static bool fits_stack(const struct types *types, uint32_t type, bool aligned)
{
	switch (types_class(types, type)) {
	case TYPE_STRING: return false;
	case TYPE_ARRAY:
		return aligned && fits_stack(types, types_element(types, type, NULL), true);
	case TYPE_MEANING:
		/* the number of bytes that the kernel writes is known at run time only */
		if (types_has_meaning(types, type, MEANING_BUF))
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
		.padding = PADDING_SHORT,
	};
}

/* The location of a variable. Scratch memory is addressed by an offset, since each function has
 * another value with the slot's address; variables on the stack that bodies of loops use have a
 * copy there. */
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
	room->place.padding = PADDING_SHORT;
	room->in_scratch = variable->changed || !has_stack_left(e, variable);
	room->has_copy = variable->shared && !room->in_scratch;
	room->offset = e->function->scratch_used;
	if (room->in_scratch || room->has_copy)
		variable_scratch(e, size);
	if (!room->in_scratch)
		room->place.address = variable_stack(e, size);
	return room;
}

/* Variables are placed before the first statement of their function, so that temporaries are
 * allocated behind them, and initialized to zeros. */
void variable_place_all(struct emitter *e, const struct for_loop *loop)
{
	struct variable **variable;

	vec_for_each (&e->unit->variables, variable) {
		if (!(*variable)->type || variable_function(*variable) != loop)
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
	const struct local_copy *copy;
	struct place place = room->place;

	if (room->in_scratch || variable_function(variable) != e->function->loop)
		place.address = in_scratch(e, variable);
	vec_for_each (&e->function->copies, copy) {
		if (copy->variable == variable)
			place.address = copy->address;
	}
	return place;
}

/* --- what the bodies of loops share with the functions around them --- */

/*
 * The verifier tracks values on the stack but not in scratch memory. A function stores there only
 * what the functions that it calls need, for the time of the call, and uses copies on its stack: so
 * the verifier can bound the loops around and inside of such a body.
 */
void variable_spill(struct emitter *e)
{
	struct variable **variable;

	vec_for_each (&e->unit->variables, variable) {
		const struct room *room = (*variable)->place;

		if (!room || !room->has_copy || variable_function(*variable) != e->function->loop)
			continue;
		strings_move(e, in_scratch(e, *variable), room->place.address,
			types_size(e->c->types, room->place.type));
	}
	variable_store_copies(e);
}

static bool is_of_outer(const struct emitter *e, const struct variable *variable)
{
	for (const struct bpf_function *outer = e->function->outer; outer; outer = outer->outer)
		if (outer->loop == variable_function(variable))
			return true;
	return false;
}

void variable_load_copies(struct emitter *e)
{
	struct variable **variable;

	vec_for_each (&e->unit->variables, variable) {
		if (!(*variable)->place || !(*variable)->shared || !is_of_outer(e, *variable) ||
			!has_stack_left(e, *variable))
			continue;
		uint32_t size = types_size(e->c->types, (*variable)->type);
		LLVMValueRef own = variable_stack(e, size);

		strings_move(e, own, in_scratch(e, *variable), size);
		vec_push(&e->function->copies, ((struct local_copy){*variable, own}));
	}
}

void variable_store_copies(struct emitter *e)
{
	const struct local_copy *copy;

	vec_for_each (&e->function->copies, copy) {
		if (copy->variable->changed)
			strings_move(e, in_scratch(e, copy->variable), copy->address,
				types_size(e->c->types, copy->variable->type));
	}
}

void variable_reload(struct emitter *e)
{
	const struct local_copy *copy;

	vec_for_each (&e->function->copies, copy) {
		if (copy->variable->changed)
			strings_move(e, copy->address, in_scratch(e, copy->variable),
				types_size(e->c->types, copy->variable->type));
	}
}

void variable_clear(struct emitter *e, const struct variable *variable)
{
	access_clear(e, variable_place(e, variable));
}
