/* SPDX-License-Identifier: Apache-2.0 */
/* Strings of the C++ library, as str() reads them. */
#pragma once

#include "emitter.h"

/* Copies an object to a place as class_text_shown has it; false when that type has no texts. */
bool classtext_into(struct emitter *e, struct node *operand, struct place place);

/* The characters of an object, not read yet, with their number as the length of *ret; false when it
 * is of no such class. */
bool classtext_of(struct emitter *e, struct value object, struct value *ret);

/* The characters of the object at address (i64), not read yet, with their number as the length of
 * *ret; false when pointers of the type lead to no such class. */
bool classtext_find(
	struct emitter *e, uint32_t pointer_type, LLVMValueRef address, struct value *ret);
