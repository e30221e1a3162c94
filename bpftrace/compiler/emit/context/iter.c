/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Iterators: the context is a struct bpf_iter__X, which scripts read from `ctx` on as any other
 * memory of the kernel. Its first member points to a struct bpf_iter_meta, whose first member is
 * the seq_file that programs write to.
 */
#include "bpftrace/compiler/emit/context/context.h"
#include "bpftrace/compiler/emit/helper.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/variable.h"

const struct context_ops context_iter = {.kind = CONTEXT_ITER};

LLVMValueRef context_iter_file(struct emitter *e)
{
	LLVMValueRef meta = ir_load_volatile(e, e->function->context, sizeof(uint64_t), false);
	LLVMValueRef at = LLVMBuildIntToPtr(e->builder, meta, e->pointer, "");

	return ir_load_volatile(e, at, sizeof(uint64_t), false);
}

void context_iter_tick(struct emitter *e)
{
	LLVMValueRef byte = variable_stack(e, sizeof(uint64_t));

	ir_store(e, byte, ir_const(e, '.'), 1);
	helper_call(e, HELPER_seq_write, HELPER_ARGS(context_iter_file(e), byte, ir_const32(e, 1)));
}
