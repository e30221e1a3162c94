/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elements by index. A constant index was checked before. Any other is compared with the length of
 * the array; outside of it all elements are zero: an address is replaced by one that cannot be
 * read, and from memory of the program nothing is loaded. The length is not known behind pointers,
 * nor of an array at the end of a kernel struct, as in C.
 */
#include "bpftrace/compiler/bind/constant.h"
#include "access.h"
#include "expr.h"
#include "index.h"
#include "ir.h"
#include "strings.h"
#include "variable.h"

enum {
	OPEN_END = 1, /* the length that arrays at the end of structs are declared with, or less */
};

static LLVMValueRef is_inside(struct emitter *e, LLVMValueRef index, uint32_t count)
{
	return ir_compare(e, LLVMIntULT, index, ir_const(e, count));
}

static struct value element_behind(struct emitter *e, struct value pointer, LLVMValueRef index)
{
	LLVMValueRef address = access_load(e, pointer);
	LLVMValueRef offset = expr_scaled(e, pointer.type, index);

	return access_pointee(e, pointer.type, LLVMBuildAdd(e->builder, address, offset, ""));
}

static struct value unread_element(
	struct emitter *e, struct value array, LLVMValueRef index, uint32_t count)
{
	struct value element = access_element(e, array, index);

	if (count > OPEN_END)
		element.llvm = LLVMBuildSelect(
			e->builder, is_inside(e, index, count), element.llvm, ir_const(e, 0), "");
	return element;
}

/* The verifiers of old kernels allow no variable offsets in the stack. */
static struct value off_the_stack(struct emitter *e, struct value array)
{
	uint32_t size = types_size(e->c->types, array.type);

	if (size > STACK_MOST)
		return array;
	LLVMValueRef copy = variable_scratch(e, size);

	strings_move(e, copy, array.llvm, size);
	return value_memory(array.type, copy);
}

static struct value own_element(
	struct emitter *e, struct value array, LLVMValueRef index, uint32_t count)
{
	uint32_t type = types_element(e->c->types, array.type, NULL);
	struct place place = variable_temporary(e, type);

	array = off_the_stack(e, array);
	index = ir_opaque(e, index);
	strings_fill(e, place.address, types_size(e->c->types, type));
	LLVMBasicBlockRef after = ir_guard(e, is_inside(e, index, count), "inside");

	/* or LLVM scales it before the comparison, and the verifier loses the bound */
	index = ir_opaque(e, index);
	access_copy(e, access_element(e, array, index), place);
	ir_jump(e, after);
	ir_begin(e, after);
	return value_memory(type, place.address);
}

struct value index_emit(struct emitter *e, struct index *node)
{
	struct types *types = e->c->types;
	struct value array = expr_emit(e, node->object);
	LLVMValueRef index = expr_register(e, node->index);
	int64_t constant;
	uint32_t count = 0;

	if (types_class(types, array.type) == TYPE_POINTER)
		return element_behind(e, array, index);
	if (types_is_histogram(types, array.type))
		array.type = types_form(types, array.type);
	if (constant_integer(node->index, &constant))
		return access_element(e, array, ir_const(e, constant));
	types_element(types, array.type, &count);
	if (array.storage == STORAGE_MEMORY)
		return own_element(e, array, index, count);
	return unread_element(e, access_address(e, array), index, count);
}
