/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LLVM selects and schedules instructions a basic block at a time, in a time that grows with the
 * square of the block's length, and common subexpressions of a long block stay live from their
 * first use to their last, which overflows the stack of a program when they are spilled. A block of
 * thousands of statements is therefore cut: its first instructions go to a new block before it,
 * which all predecessors then branch to. The rest keeps its name, so that the phi nodes of its
 * successors stay right. The addresses of the parts are taken, or LLVM would merge them again; this
 * generates no code.
 */
#include "split.h"

#include <llvm-c/DebugInfo.h>
#include <stdbool.h>
#include <stddef.h>

enum { PART = 256 /* instructions */ };

/* Phi nodes stay together, and what is allocated behind the first block is not a part of the
 * program's stack. */
static bool must_stay(LLVMValueRef instruction)
{
	return LLVMIsAPHINode(instruction) || LLVMIsAAllocaInst(instruction);
}

/* The instruction that begins the rest of the block; NULL when the block is short enough. */
static LLVMValueRef find_cut(LLVMBasicBlockRef block)
{
	LLVMValueRef at = LLVMGetFirstInstruction(block);
	LLVMValueRef cut = NULL;

	for (unsigned count = 0; at; at = LLVMGetNextInstruction(at), count++) {
		if (count >= PART && !cut && !must_stay(at))
			cut = at;
		if (count >= 2 * PART)
			return cut;
	}
	return NULL;
}

static void redirect(LLVMValueRef function, LLVMBasicBlockRef from, LLVMBasicBlockRef to)
{
	for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
		block = LLVMGetNextBasicBlock(block)) {
		LLVMValueRef end = LLVMGetBasicBlockTerminator(block);

		for (unsigned i = 0; end && i < LLVMGetNumSuccessors(end); i++)
			if (LLVMGetSuccessor(end, i) == from)
				LLVMSetSuccessor(end, i, to);
	}
}

/* Instructions keep their lines, which inserting would replace. */
static void move_to_end(LLVMBuilderRef builder, LLVMBasicBlockRef block, LLVMValueRef cut)
{
	LLVMValueRef instruction;

	while ((instruction = LLVMGetFirstInstruction(block)) != cut) {
		LLVMMetadataRef line = LLVMInstructionGetDebugLoc(instruction);

		LLVMInstructionRemoveFromParent(instruction);
		LLVMSetCurrentDebugLocation2(builder, line);
		LLVMInsertIntoBuilder(builder, instruction);
	}
	LLVMSetCurrentDebugLocation2(builder, LLVMInstructionGetDebugLoc(cut));
	LLVMBuildBr(builder, block);
}

static void split_block(LLVMValueRef function, LLVMBasicBlockRef block, LLVMContextRef context,
	LLVMBuilderRef builder)
{
	LLVMBasicBlockRef last = NULL;
	LLVMValueRef cut;

	while ((cut = find_cut(block))) {
		LLVMBasicBlockRef part = LLVMInsertBasicBlockInContext(context, block, "");

		if (last)
			LLVMSetSuccessor(LLVMGetBasicBlockTerminator(last), 0, part);
		else
			redirect(function, block, part);
		LLVMPositionBuilderAtEnd(builder, part);
		move_to_end(builder, block, cut);
		if (last)
			LLVMBlockAddress(function, part);
		last = part;
	}
	if (last)
		LLVMBlockAddress(function, block);
}

void split_blocks(LLVMModuleRef module, LLVMContextRef context, LLVMBuilderRef builder)
{
	for (LLVMValueRef function = LLVMGetFirstFunction(module); function;
		function = LLVMGetNextFunction(function))
		for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
			block = LLVMGetNextBasicBlock(block))
			split_block(function, block, context, builder);
}
