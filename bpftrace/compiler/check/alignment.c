/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The code is disassembled from the function's begin, by LLVM, until an instruction
 * begins at the offset or beyond it.
 */
#include "alignment.h"

#include <llvm-c/Core.h>
#include <llvm-c/Disassembler.h>
#include <llvm-c/Target.h>
#include <stdio.h>

static void initialize_target(const struct arch *arch)
{
	if (arch == arch_native()) {
		LLVMInitializeNativeTarget();
		LLVMInitializeNativeDisassembler();
		return;
	}
	LLVMInitializeAllTargetInfos();
	LLVMInitializeAllTargetMCs();
	LLVMInitializeAllDisassemblers();
}

/* NULL: this LLVM lacks the architecture. */
static LLVMDisasmContextRef open_disassembler(const struct arch *arch)
{
	char triple[64];

	initialize_target(arch);
	snprintf(triple, sizeof(triple), "%s-linux-gnu", arch->name);
	return LLVMCreateDisasm(triple, NULL, 0, NULL, NULL);
}

enum alignment alignment_of(
	const struct arch *arch, const uint8_t *code, size_t size, uint64_t offset)
{
	LLVMDisasmContextRef context = offset <= size ? open_disassembler(arch) : NULL;
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
