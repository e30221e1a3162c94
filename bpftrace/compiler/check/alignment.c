/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The code is disassembled from the function's begin, by LLVM for the architecture of this build,
 * until an instruction begins at the offset or beyond it.
 */
#include "alignment.h"

#include <llvm-c/Core.h>
#include <llvm-c/Disassembler.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>

static LLVMDisasmContextRef open_disassembler(void)
{
	char *triple = LLVMGetDefaultTargetTriple();
	LLVMDisasmContextRef context = NULL;

	if (LLVMInitializeNativeTarget() == 0 && LLVMInitializeNativeDisassembler() == 0)
		context = LLVMCreateDisasm(triple, NULL, 0, NULL, NULL);
	LLVMDisposeMessage(triple);
	return context;
}

enum alignment alignment_of(const uint8_t *code, size_t size, uint64_t offset)
{
	LLVMDisasmContextRef context = offset <= size ? open_disassembler() : NULL;
	uint64_t at = 0;
	char text[128];

	if (!context)
		return ALIGNMENT_UNKNOWN;
	while (at < offset) {
		size_t length = LLVMDisasmInstruction(context, (uint8_t *)(uintptr_t)code + at,
			size - at, at, text, sizeof(text));

		if (length == 0)
			break;
		at += length;
	}
	LLVMDisasmDispose(context);
	if (at < offset)
		return ALIGNMENT_UNKNOWN;
	return at == offset ? ALIGNMENT_GOOD : ALIGNMENT_BAD;
}
