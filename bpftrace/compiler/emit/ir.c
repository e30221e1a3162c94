/* SPDX-License-Identifier: Apache-2.0 */
#include "ir.h"

#include <string.h>

LLVMValueRef ir_extend(struct emitter *e, LLVMValueRef value, bool is_signed)
{
	if (LLVMTypeOf(value) == e->i64)
		return value;
	if (LLVMGetTypeKind(LLVMTypeOf(value)) == LLVMPointerTypeKind)
		return LLVMBuildPtrToInt(e->builder, value, e->i64, "");
	return is_signed ? LLVMBuildSExt(e->builder, value, e->i64, "")
			 : LLVMBuildZExt(e->builder, value, e->i64, "");
}

LLVMValueRef ir_load(struct emitter *e, LLVMValueRef pointer, uint32_t bytes, bool is_signed)
{
	LLVMValueRef load = LLVMBuildLoad2(e->builder, ir_integer(e, bytes), pointer, "");

	return ir_extend(e, load, is_signed);
}

LLVMValueRef ir_load_volatile(
	struct emitter *e, LLVMValueRef pointer, uint32_t bytes, bool is_signed)
{
	LLVMValueRef load = LLVMBuildLoad2(e->builder, ir_integer(e, bytes), pointer, "");

	LLVMSetVolatile(load, true);
	return ir_extend(e, load, is_signed);
}

void ir_store(struct emitter *e, LLVMValueRef pointer, LLVMValueRef value, uint32_t bytes)
{
	LLVMTypeRef type = ir_integer(e, bytes);

	if (LLVMTypeOf(value) != type)
		value = LLVMBuildTrunc(e->builder, value, type, "");
	LLVMBuildStore(e->builder, value, pointer);
}

LLVMBasicBlockRef ir_block(struct emitter *e, const char *name)
{
	return LLVMAppendBasicBlockInContext(e->llvm, e->function->llvm, name);
}

void ir_begin(struct emitter *e, LLVMBasicBlockRef block)
{
	LLVMBasicBlockRef last = LLVMGetLastBasicBlock(LLVMGetBasicBlockParent(block));

	if (block != last)
		LLVMMoveBasicBlockAfter(block, last);
	LLVMPositionBuilderAtEnd(e->builder, block);
}

void ir_jump(struct emitter *e, LLVMBasicBlockRef block)
{
	if (!LLVMGetBasicBlockTerminator(ir_here(e)))
		LLVMBuildBr(e->builder, block);
}

void ir_branch(struct emitter *e, LLVMValueRef condition, LLVMBasicBlockRef then,
	LLVMBasicBlockRef otherwise)
{
	LLVMBuildCondBr(e->builder, condition, then, otherwise);
}

LLVMBasicBlockRef ir_guard(struct emitter *e, LLVMValueRef condition, const char *name)
{
	LLVMBasicBlockRef then = ir_block(e, name), after = ir_block(e, "after");

	ir_branch(e, condition, then, after);
	ir_begin(e, then);
	return after;
}

LLVMValueRef ir_is_null(struct emitter *e, LLVMValueRef pointer)
{
	return LLVMBuildIsNull(e->builder, pointer, "");
}

LLVMValueRef ir_compare(
	struct emitter *e, LLVMIntPredicate predicate, LLVMValueRef a, LLVMValueRef b)
{
	return LLVMBuildICmp(e->builder, predicate, a, b, "");
}

LLVMValueRef ir_phi(struct emitter *e, LLVMTypeRef type, const LLVMValueRef *values,
	LLVMBasicBlockRef *blocks, unsigned count)
{
	LLVMValueRef phi = LLVMBuildPhi(e->builder, type, "");

	LLVMAddIncoming(phi, (LLVMValueRef *)values, blocks, count);
	return phi;
}

LLVMValueRef ir_opaque(struct emitter *e, LLVMValueRef value)
{
	LLVMTypeRef type = LLVMFunctionType(e->i64, &e->i64, 1, false);
	static const char constraints[] = "=r,0";
	LLVMValueRef barrier = LLVMGetInlineAsm(type, (char *)"", 0, (char *)constraints,
		strlen(constraints), true, false, LLVMInlineAsmDialectATT, false);

	return LLVMBuildCall2(e->builder, type, barrier, &value, 1, "");
}

/* The low half of a register by an instruction of its own: copied so, a pointer is a number. */
static LLVMValueRef low_half(struct emitter *e, LLVMValueRef value)
{
	static const char text[] = "$0 = $1", constraints[] = "=w,w";
	LLVMTypeRef type = LLVMFunctionType(e->i32, &e->i32, 1, false);
	LLVMValueRef copy = LLVMGetInlineAsm(type, (char *)text, strlen(text), (char *)constraints,
		strlen(constraints), true, false, LLVMInlineAsmDialectATT, false);
	LLVMValueRef half = LLVMBuildTrunc(e->builder, value, e->i32, "");

	return LLVMBuildCall2(e->builder, type, copy, &half, 1, "");
}

LLVMValueRef ir_untyped(struct emitter *e, LLVMValueRef value)
{
	LLVMValueRef room = ir_alloca(e, e->i64, "untyped");

	LLVMSetVolatile(LLVMBuildStore(e->builder, value, room), true);
	LLVMSetVolatile(LLVMBuildStore(e->builder, low_half(e, value), room), true);
	return ir_load_volatile(e, room, sizeof(uint64_t), false);
}

/* 2^64 divided by the golden ratio, as multiplicative hashes have it. */
#define HASH_FACTOR 0x9e3779b97f4a7c15

LLVMValueRef ir_mix(struct emitter *e, LLVMValueRef hash, LLVMValueRef word)
{
	LLVMValueRef mixed = LLVMBuildXor(e->builder, hash, word, "");

	mixed = LLVMBuildMul(e->builder, mixed, ir_const(e, HASH_FACTOR), "");

	LLVMValueRef high = LLVMBuildLShr(e->builder, mixed, ir_const(e, 32), "");

	return LLVMBuildXor(e->builder, mixed, high, "");
}

LLVMValueRef ir_narrowed(struct emitter *e, uint32_t bytes, bool is_signed, LLVMValueRef word)
{
	if (bytes < sizeof(uint64_t))
		word = LLVMBuildTrunc(e->builder, word, ir_integer(e, bytes), "");
	return ir_extend(e, word, is_signed);
}

/* The verifiers of old kernels lose the bound of a value that was compared before it was chosen. */
LLVMValueRef ir_bound(struct emitter *e, LLVMValueRef value, uint64_t most)
{
	LLVMValueRef limit = ir_const(e, most);
	LLVMValueRef fits = ir_compare(e, LLVMIntULT, value, limit);

	value = LLVMBuildSelect(e->builder, fits, value, limit, "");
	if (LLVMIsConstant(value))
		return value;
	value = ir_opaque(e, value);
	LLVMValueRef within = ir_compare(e, LLVMIntULE, value, limit);

	return LLVMBuildSelect(e->builder, within, value, limit, "");
}

LLVMValueRef ir_alloca(struct emitter *e, LLVMTypeRef type, const char *name)
{
	LLVMBasicBlockRef here = ir_here(e);
	LLVMValueRef first = LLVMGetFirstInstruction(e->function->entry);

	if (first)
		LLVMPositionBuilderBefore(e->builder, first);
	else
		LLVMPositionBuilderAtEnd(e->builder, e->function->entry);
	LLVMValueRef room = LLVMBuildAlloca(e->builder, type, name);

	LLVMSetAlignment(room, 8);
	LLVMPositionBuilderAtEnd(e->builder, here);
	return room;
}

LLVMValueRef ir_state(struct emitter *e, enum state_word word)
{
	return ir_offset(e, e->globals.state, word * sizeof(uint64_t));
}

/* Volatile, or LLVM would replace the words, which the runner sets, by the zeros in the object. */
LLVMValueRef ir_run_constant(struct emitter *e, enum constant_word word)
{
	LLVMValueRef at = ir_offset(e, e->globals.constants, word * sizeof(uint64_t));

	return ir_load_volatile(e, at, sizeof(uint64_t), false);
}

/* LLVM would make an "or" of adding 0, which old kernels do not have. */
void ir_atomic_add(struct emitter *e, LLVMValueRef pointer, LLVMValueRef value)
{
	value = ir_opaque(e, value);
	LLVMBuildAtomicRMW(e->builder, LLVMAtomicRMWBinOpAdd, pointer, value,
		LLVMAtomicOrderingMonotonic, false);
}
