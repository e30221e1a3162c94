/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of a raw tracepoint: an array of 64-bit words in the order of its TP_PROTO. */
#include "bpftrace/compiler/emit/context/context.h"
#include "bpftrace/compiler/emit/ir.h"

static struct value raw_argument(struct emitter *e, uint32_t number, uint32_t type)
{
	LLVMValueRef word = ir_offset(e, e->function->context, number * sizeof(uint64_t));

	return value_register(type, ir_load_volatile(e, word, 8, false));
}

const struct context_ops context_raw = {
	.kind = CONTEXT_RAW,
	.argument = raw_argument,
};
