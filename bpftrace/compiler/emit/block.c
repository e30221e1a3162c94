/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The function of one block under one context: block_N(context, probe, scratch). It is a separate
 * function so that `return` ends this block only when a program calls several; LLVM inlines it
 * where there is one caller.
 */
#include "block.h"
#include "filter.h"
#include "function.h"
#include "ir.h"
#include "mapops.h"
#include "stmt.h"
#include "tracepipe.h"
#include "variable.h"

static void write_event(struct emitter *e, const struct unit *unit)
{
	size_t others = unit->matches.count - 1;

	if (others)
		tracepipe_write(e, "%s or one of %zu others", unit->matches.items[0].name, others);
	else
		tracepipe_write(e, "%s", unit->matches.items[0].name);
}

LLVMValueRef block_emit(struct emitter *e, struct unit *unit)
{
	static const char *const parameters[] = {"context", "probe", "scratch"};
	struct bpf_function block = {};
	char name[32];

	snprintf(name, sizeof(name), "block_%u", unit->index);
	e->unit = unit;
	function_begin(e, &block, name, NULL, e->i64, parameters, ARRAY_SIZE(parameters),
		unit->probe->node.span);
	block.context = LLVMGetParam(block.llvm, 0);
	block.probe = LLVMBuildPtrToInt(e->builder, LLVMGetParam(block.llvm, 1), e->i64, "");
	block.scratch = LLVMGetParam(block.llvm, 2);
	block.leave = ir_block(e, "leave");

	variable_place_all(e, NULL);
	write_event(e, unit);
	if (unit->probe->filter) {
		filter_emit(e, unit->probe->filter);
		tracepipe_write(e, "the filter holds");
	}
	stmt_emit(e, unit->probe->body);
	mapops_drop_cached(e);
	ir_jump(e, block.leave);
	ir_begin(e, block.leave);
	LLVMBuildRet(e->builder, ir_const(e, 0));
	function_end(e, &block);
	unit->scratch_bytes = block.scratch_most;
	e->scratch_size = MAX(e->scratch_size, block.scratch_most);
	e->function = NULL;
	return block.llvm;
}
