/* SPDX-License-Identifier: Apache-2.0 */
/* Short spellings of the LLVM C API calls that code generation is made of. */
#pragma once

#include "emitter.h"

static inline LLVMValueRef ir_const(struct emitter *e, uint64_t value)
{
	return LLVMConstInt(e->i64, value, false);
}

static inline LLVMValueRef ir_const32(struct emitter *e, uint32_t value)
{
	return LLVMConstInt(e->i32, value, false);
}

/* The address bytes behind pointer. */
static inline LLVMValueRef ir_offset(struct emitter *e, LLVMValueRef pointer, uint64_t bytes)
{
	LLVMValueRef index = ir_const(e, bytes);
	return bytes ? LLVMBuildGEP2(e->builder, e->i8, pointer, &index, 1, "") : pointer;
}

static inline LLVMValueRef ir_offset_value(
	struct emitter *e, LLVMValueRef pointer, LLVMValueRef bytes)
{
	return LLVMBuildGEP2(e->builder, e->i8, pointer, &bytes, 1, "");
}

/* The address that many words of 8 bytes behind pointer. */
static inline LLVMValueRef ir_behind(struct emitter *e, LLVMValueRef pointer, LLVMValueRef words)
{
	LLVMValueRef bytes = LLVMBuildMul(e->builder, words, ir_const(e, 8), "");

	return ir_offset_value(e, pointer, bytes);
}

static inline LLVMTypeRef ir_integer(struct emitter *e, uint32_t bytes)
{
	return LLVMIntTypeInContext(e->llvm, bytes * 8);
}

/* Any integer as i64. */
LLVMValueRef ir_extend(struct emitter *e, LLVMValueRef value, bool is_signed);

/* Loads 1, 2, 4 or 8 bytes as i64. */
LLVMValueRef ir_load(struct emitter *e, LLVMValueRef pointer, uint32_t bytes, bool is_signed);

/* The same, which LLVM neither merges nor moves: from the program's context, where the verifier
 * accepts only constant offsets, and from memory that others change. */
LLVMValueRef ir_load_volatile(
	struct emitter *e, LLVMValueRef pointer, uint32_t bytes, bool is_signed);

/* Stores the low bytes of an i64; alignment as the address has it (1 when unknown). */
void ir_store(struct emitter *e, LLVMValueRef pointer, LLVMValueRef value, uint32_t bytes);

LLVMBasicBlockRef ir_block(struct emitter *e, const char *name);
void ir_begin(struct emitter *e, LLVMBasicBlockRef block); /* code goes there from here on */
void ir_jump(struct emitter *e, LLVMBasicBlockRef block);  /* unless the block has ended already */
void ir_branch(struct emitter *e, LLVMValueRef condition, LLVMBasicBlockRef then,
	LLVMBasicBlockRef otherwise);

/* Code from here on runs only when condition holds; the caller later begins the block returned. */
LLVMBasicBlockRef ir_guard(struct emitter *e, LLVMValueRef condition, const char *name);

LLVMValueRef ir_is_null(struct emitter *e, LLVMValueRef pointer);
LLVMValueRef ir_compare(
	struct emitter *e, LLVMIntPredicate predicate, LLVMValueRef a, LLVMValueRef b);
LLVMValueRef ir_phi(struct emitter *e, LLVMTypeRef type, const LLVMValueRef *values,
	LLVMBasicBlockRef *blocks, unsigned count);
static inline LLVMBasicBlockRef ir_here(struct emitter *e)
{
	return LLVMGetInsertBlock(e->builder);
}

/* The value behind an empty asm statement: LLVM can derive nothing about it, so that comparisons
 * before and after it stay in the code for the verifier. */
LLVMValueRef ir_opaque(struct emitter *e, LLVMValueRef value);

/* Converts a pointer with a type for the verifier to a scalar, by a copy of its lower half in
 * memory. */
LLVMValueRef ir_untyped(struct emitter *e, LLVMValueRef value);

/* A hash with a word mixed in. */
LLVMValueRef ir_mix(struct emitter *e, LLVMValueRef hash, LLVMValueRef word);

/* Returns the low bytes of a register, extended to i64. */
LLVMValueRef ir_narrowed(struct emitter *e, uint32_t bytes, bool is_signed, LLVMValueRef word);

/* value, or most when it is larger (unsigned), in a form whose bound every verifier sees. */
LLVMValueRef ir_bound(struct emitter *e, LLVMValueRef value, uint64_t most);

/* The smallest power of two that is not below n. */
static inline uint32_t ir_power_of_two(uint32_t n)
{
	return n <= 1 ? 1 : 1u << (32 - __builtin_clz(n - 1));
}

/* Room on the stack, in the entry block of the function. */
LLVMValueRef ir_alloca(struct emitter *e, LLVMTypeRef type, const char *name);

/* A word of the state shared with the runner. */
LLVMValueRef ir_state(struct emitter *e, enum state_word word);
LLVMValueRef ir_run_constant(struct emitter *e, enum constant_word word); /* its value, i64 */

/* Adds to an 8-byte word in memory, atomically, without the old value (kernels before 5.12 have
 * no instruction that returns it). */
void ir_atomic_add(struct emitter *e, LLVMValueRef pointer, LLVMValueRef value);
