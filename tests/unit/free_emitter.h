/* SPDX-License-Identifier: Apache-2.0 */
/* Frees what emit_module makes, which the compiler leaves to the end of its process. */
#pragma once

#include "bpftrace/compiler/emit/emitter.h"

static inline void free_emitter(struct emitter *e)
{
	if (!e)
		return;
	LLVMDisposeDIBuilder(e->debug);
	LLVMDisposeBuilder(e->builder);
	LLVMDisposeModule(e->module);
	LLVMDisposeTargetMachine(e->machine);
	LLVMContextDispose(e->llvm);
	manifest_deinit(e->manifest);
	vec_deinit(&e->records);
	vec_deinit(&e->statements);
	hashmap_deinit(&e->statement_rows);
}
