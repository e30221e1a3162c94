/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing the bytes of values, wherever they are stored. */
#pragma once

#include "emitter.h"

/*
 * Return the offset of a member from the start of its owner, and the size of a type, in bytes as
 * i64. Bit-fields start in the byte that is returned. These differ between kernels, so no other
 * code makes a member a number; only copies of whole values, whose layout is that of the bundle's
 * own types, have sizes that are numbers.
 */
LLVMValueRef access_offset(struct emitter *e, struct types_member member);
LLVMValueRef access_size(struct emitter *e, uint32_t type);

/*
 * Returns in ret[i] the offset of members[i], found without parsing all of the kernel's types,
 * which takes milliseconds. Fails unless all members are found.
 */
struct error *access_kernel_offsets(
	struct emitter *e, struct kbtf_member *members, size_t count, LLVMValueRef *ret);

/* Returns the address offset bytes (i64) behind a pointer. */
LLVMValueRef access_within(struct emitter *e, LLVMValueRef pointer, LLVMValueRef offset);

/* Returns the object of type *pointer_type at address (i64), not read yet. */
struct value access_pointee(struct emitter *e, uint32_t pointer_type, LLVMValueRef address);

/* Returns a member of a struct, union or tuple, stored as object is. */
struct value access_member(struct emitter *e, struct value object, struct types_member member);

/* Returns element index (i64, not checked) of an array, stored as the array is. */
struct value access_element(struct emitter *e, struct value array, LLVMValueRef index);

/* Returns the value, a part of the context as kernel memory that is not read yet. */
struct value access_address(struct emitter *e, struct value value);

/* Returns the value as i64, extended by the signedness of its type. */
LLVMValueRef access_load(struct emitter *e, struct value value);

/* Copies the value to a place, which may be longer or of wider members. */
void access_copy(struct emitter *e, struct value value, struct place place);

/* Reads size bytes at address from (i64) of STORAGE_KERNEL or STORAGE_USER to memory; they are
 * zeros when the address cannot be read. */
void access_read(
	struct emitter *e, enum storage storage, LLVMValueRef to, uint32_t size, LLVMValueRef from);

/* Stores the low bytes of an i64, as many as the type of the place has. */
void access_store(struct emitter *e, struct place place, LLVMValueRef value);

/* Stores zeros, or an empty string. */
void access_clear(struct emitter *e, struct place place);

/* Returns the place of a member in that of its struct or tuple. */
struct place access_part(struct emitter *e, struct place place, struct types_member member);
