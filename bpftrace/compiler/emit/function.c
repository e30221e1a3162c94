/* SPDX-License-Identifier: Apache-2.0 */
/* BPF functions: all of them return an i64 or a pointer and have one entry block for their allocas.
 */
#include "debug.h"
#include "function.h"
#include "ir.h"

#include <string.h>

/* Sets the builder to the start of the body. */
static void begin_body(struct emitter *e, struct bpf_function *function, struct span span)
{
	LLVMSetSubprogram(function->llvm, function->subprogram);
	e->function = function;
	function->entry = LLVMAppendBasicBlockInContext(e->llvm, function->llvm, "entry");
	LLVMBasicBlockRef body = LLVMAppendBasicBlockInContext(e->llvm, function->llvm, "body");

	ir_begin(e, body);
	debug_location(e, span);
}

void function_begin(struct emitter *e, struct bpf_function *function, const char *name,
	const char *section, LLVMTypeRef result, const char *const *parameters, size_t count,
	struct span span)
{
	LLVMTypeRef types[4];

	for (size_t i = 0; i < count; i++)
		types[i] = e->pointer;
	LLVMTypeRef type = LLVMFunctionType(result, types, count, false);

	function->llvm = LLVMAddFunction(e->module, name, type);
	if (section)
		LLVMSetSection(function->llvm, section);
	else
		LLVMSetLinkage(function->llvm, LLVMInternalLinkage);
	function->subprogram =
		debug_subprogram(e, name, !section, e->debug_pointer, parameters, count, span);
	begin_body(e, function, span);
}

static void add_attribute(struct emitter *e, const struct bpf_function *function, const char *name)
{
	unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));

	LLVMAddAttributeAtIndex(function->llvm, LLVMAttributeFunctionIndex,
		LLVMCreateEnumAttribute(e->llvm, kind, 0));
}

void function_forbid_inlining(struct emitter *e, const struct bpf_function *function)
{
	add_attribute(e, function, "noinline");
}

void function_force_inlining(struct emitter *e, const struct bpf_function *function)
{
	unsigned kind = LLVMGetEnumAttributeKindForName("noinline", strlen("noinline"));

	LLVMRemoveEnumAttributeAtIndex(function->llvm, LLVMAttributeFunctionIndex, kind);
	add_attribute(e, function, "alwaysinline");
}

void function_begin_global(struct emitter *e, struct bpf_function *function, const char *name,
	const char *parameter, struct span span)
{
	LLVMTypeRef type = LLVMFunctionType(e->i64, &e->i64, 1, false);

	function->llvm = LLVMAddFunction(e->module, name, type);
	function_forbid_inlining(e, function);
	function->subprogram = debug_subprogram(e, name, false, e->debug_long, &parameter, 1, span);
	begin_body(e, function, span);
}

void function_end(struct emitter *e, struct bpf_function *function)
{
	LLVMPositionBuilderAtEnd(e->builder, function->entry);
	LLVMBuildBr(e->builder, LLVMGetNextBasicBlock(function->entry));
	vec_deinit(&function->stack);
	vec_deinit(&function->copies);
}
