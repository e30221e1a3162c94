/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Iterators: the context is a struct bpf_iter__X, which scripts follow from `ctx` on as any other
 * pointer into the kernel. Its first word leads to what the kernel says about the walk, of which
 * the first word in turn is the file that programs write to.
 */
#include "bpftrace/compiler/emit/ir.h"

const struct context_row context_iter = {.kind = CONTEXT_ITER};

LLVMValueRef context_iter_file(struct emitter *e)
{
	LLVMValueRef meta = ir_load_context(e, e->function->context, sizeof(uint64_t), false);
	LLVMValueRef at = LLVMBuildIntToPtr(e->builder, meta, e->pointer, "");
	return ir_load_context(e, at, sizeof(uint64_t), false);
}

void context_iter_tick(struct emitter *e)
{
	LLVMValueRef byte = variable_stack(e, sizeof(uint64_t));
	ir_store(e, byte, ir_const(e, '.'), 1);
	helper_call(e, HELPER_seq_write, HELPER_ARGS(context_iter_file(e), byte, ir_const32(e, 1)));
}
