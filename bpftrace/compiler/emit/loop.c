/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loops, and the jumps out of them. The verifier proves that a loop ends; those of old kernels take
 * an edge back only as a jump, so the condition is tested once before the loop and then at its end.
 */
#include "ir.h"

void loop_while(struct emitter *e, struct while_loop *loop)
{
	struct bpf_function *function = e->function;
	LLVMBasicBlockRef outer_break = function->break_to, outer_continue = function->continue_to;
	LLVMBasicBlockRef body = ir_block(e, "while");
	function->break_to = ir_block(e, "done");
	function->continue_to = ir_block(e, "test");

	ir_branch(e, expr_condition(e, loop->condition), body, function->break_to);
	ir_begin(e, body);
	stmt_emit(e, loop->body);
	ir_jump(e, function->continue_to);
	ir_begin(e, function->continue_to);
	ir_branch(e, expr_condition(e, loop->condition), body, function->break_to);
	ir_begin(e, function->break_to);

	function->break_to = outer_break;
	function->continue_to = outer_continue;
}

/* break and continue work here too: they leave one copy of the body, or all. */
void loop_unroll(struct emitter *e, struct unroll *loop)
{
	struct bpf_function *function = e->function;
	LLVMBasicBlockRef outer_break = function->break_to, outer_continue = function->continue_to;
	LLVMBasicBlockRef done = ir_block(e, "unrolled");
	uint64_t count = node_integer(loop->count)->value;
	for (uint64_t i = 0; i < count; i++) {
		function->break_to = done;
		function->continue_to = ir_block(e, "again");
		stmt_emit(e, loop->body);
		ir_jump(e, function->continue_to);
		ir_begin(e, function->continue_to);
	}
	ir_jump(e, done);
	ir_begin(e, done);
	function->break_to = outer_break;
	function->continue_to = outer_continue;
}

void loop_jump(struct emitter *e, struct jump *jump)
{
	switch (jump->jump) {
	case JUMP_BREAK: ir_jump(e, e->function->break_to); break;
	case JUMP_CONTINUE: ir_jump(e, e->function->continue_to); break;
	case JUMP_RETURN: ir_jump(e, e->function->leave); break;
	}
}
