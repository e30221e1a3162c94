/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions. */
#pragma once

#include "emitter.h"

/* Returns the value of an expression, perhaps not read yet; STORAGE_NONE when it has none. */
struct value expr_emit(struct emitter *e, struct node *node);

/* Returns the value of an integer or a pointer as i64. */
LLVMValueRef expr_register(struct emitter *e, struct node *node);

/* Returns the address of the value in memory; bytes behind the end of a short string are zeros. */
LLVMValueRef expr_memory(struct emitter *e, struct node *node);

/* Writes the value to a place. */
void expr_into(struct emitter *e, struct node *node, struct place place);

/* Returns the address of the value as a key of this type: equal values have equal bytes. */
LLVMValueRef expr_key(struct emitter *e, struct node *node, uint32_t type);

/* Returns left op right, i64 each, of an arithmetic operator. */
LLVMValueRef expr_arithmetic(
	struct emitter *e, enum operator op, LLVMValueRef left, LLVMValueRef right, bool is_signed);

/* Returns count (i64), times the size of the pointee when type is a pointer: as pointers count. */
LLVMValueRef expr_scaled(struct emitter *e, uint32_t type, LLVMValueRef count);
