/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions entered by a trampoline: the context is an array of 64-bit words, the arguments and
 * then the return value, at the offsets of the members of `args`. The verifier tracks the types of
 * these words and refuses arithmetic on pointers, so they are converted to scalars.
 */
#include "bpftrace/compiler/emit/context/context.h"
#include "bpftrace/compiler/emit/context/words.h"
#include "bpftrace/compiler/emit/ir.h"

static struct value fentry_member(
	struct emitter *e, struct types_member member, uint32_t index _unused_)
{
	struct value value = words_member(e, member);

	if (types_class(e->c->types, member.type) == TYPE_POINTER)
		value.llvm = ir_untyped(e, value.llvm);
	return value;
}

static LLVMValueRef fentry_typed(struct emitter *e, struct types_member member)
{
	return words_load_member(e, member);
}

static struct value fexit_result(struct emitter *e, uint32_t type)
{
	struct types_member member = {};

	types_member(e->c->types, e->unit->args, "retval", &member);
	struct value value = fentry_member(e, member, 0);

	value.type = type;
	return value;
}

const struct context_ops context_fentry = {
	.kind = CONTEXT_FENTRY,
	.member = fentry_member,
	.typed = fentry_typed,
};

const struct context_ops context_fexit = {
	.kind = CONTEXT_FEXIT,
	.member = fentry_member,
	.typed = fentry_typed,
	.result = fexit_result,
};
