/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loops, and the jumps out of them. The verifier proves that a loop ends; those of old kernels
 * accept back edges only of jumps, so the condition is tested once before the loop and then at its
 * end.
 */
#include "compare.h"
#include "bpftrace/compiler/bind/constant.h"
#include "debug.h"
#include "ir.h"
#include "loop.h"
#include "mapops.h"
#include "stmt.h"

struct loop_targets loop_enter(struct emitter *e)
{
	struct bpf_function *function = e->function;
	struct loop_targets outer = {function->break_to, function->continue_to};

	mapops_drop_cached(e); /* a round may change what the next one reads */
	function->break_to = ir_block(e, "done");
	function->continue_to = ir_block(e, "again");
	return outer;
}

void loop_leave(struct emitter *e, struct loop_targets outer)
{
	e->function->break_to = outer.break_to;
	e->function->continue_to = outer.continue_to;
}

void loop_while(struct emitter *e, struct while_loop *loop)
{
	struct bpf_function *function = e->function;
	struct loop_targets outer = loop_enter(e);
	LLVMBasicBlockRef body = ir_block(e, "while");

	ir_branch(e, compare_condition(e, loop->condition), body, function->break_to);
	ir_begin(e, body);
	stmt_emit(e, loop->body);
	ir_jump(e, function->continue_to);
	ir_begin(e, function->continue_to);
	LLVMValueRef again = compare_condition(e, loop->condition);

	debug_location_of_loop(e, loop->node.span);
	ir_branch(e, again, body, function->break_to);
	ir_begin(e, function->break_to);
	loop_leave(e, outer);
}

/* break and continue work here too: they leave one copy of the body, or all. */
void loop_unroll(struct emitter *e, struct unroll *loop)
{
	struct bpf_function *function = e->function;
	struct loop_targets outer = loop_enter(e);
	int64_t count = 0;

	constant_integer(loop->count, &count);
	for (int64_t i = 0; i < count; i++) {
		stmt_emit(e, loop->body);
		ir_jump(e, function->continue_to);
		ir_begin(e, function->continue_to);
		function->continue_to = ir_block(e, "again");
	}
	ir_jump(e, function->continue_to);
	ir_begin(e, function->continue_to);
	ir_jump(e, function->break_to);
	ir_begin(e, function->break_to);
	loop_leave(e, outer);
}

void loop_jump(struct emitter *e, struct jump *jump)
{
	switch (jump->jump) {
	case JUMP_BREAK: ir_jump(e, e->function->break_to); break;
	case JUMP_CONTINUE: ir_jump(e, e->function->continue_to); break;
	case JUMP_RETURN: ir_jump(e, e->function->leave); break;
	}
}
