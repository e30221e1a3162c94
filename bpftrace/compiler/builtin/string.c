/* SPDX-License-Identifier: Apache-2.0 */
/* Strings: reading them from the traced side, comparing them. */
#include "bpftrace/compiler/bind/constant.h"
#include "bpftrace/compiler/bind/infer.h"
#include "bpftrace/compiler/emit/classtext.h"
#include "bpftrace/compiler/emit/equal.h"
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/search.h"
#include "bpftrace/compiler/emit/strings.h"
#include "bpftrace/compiler/emit/variable.h"
#include "builtin_table.h"

/* False where the length is known at run time only, or allows more than max_strlen. */
static bool constant_length(struct compilation *c, struct node *length, uint32_t *ret)
{
	int64_t size;

	if (!length || !constant_integer(length, &size) || size < 0 ||
		(uint64_t)size > c->settings.max_strlen)
		return false;
	*ret = MAX(size, 1);
	return true;
}

/* Strings and arrays of bytes are at a place of their own size. */
static bool has_size(struct compilation *c, uint32_t type)
{
	enum type_class class = types_class(c->types, type);

	return class == TYPE_STRING || class == TYPE_ARRAY;
}

static void infer_str(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *pointer = node_call(node)->arguments;
	struct node *length = pointer ? pointer->next : NULL;
	uint32_t size = c->settings.max_strlen;
	uint32_t type = pointer ? infer_text(c, pointer->type) : 0;

	if (type && !length && has_size(c, type))
		size = types_size(c->types, type);
	else
		constant_length(c, length, &size);
	node->type = types_string(c->types, size);
}

static bool is_user_pointer(const struct emitter *e, uint32_t type)
{
	return types_class(e->c->types, type) == TYPE_POINTER &&
	       types_space(e->c->types, type) == ADDRESS_USER;
}

/* The smaller one of two lengths, of which a may be missing. */
static LLVMValueRef shorter(struct emitter *e, LLVMValueRef a, LLVMValueRef b)
{
	if (!a)
		return b;
	return LLVMBuildSelect(e->builder, ir_compare(e, LLVMIntULT, a, b), a, b, "");
}

/* The characters that a length allows: it counts the NUL, as that of the type string[N] does. */
static LLVMValueRef most_characters(struct emitter *e, struct node *length)
{
	LLVMValueRef bytes = expr_register(e, length);
	LLVMValueRef less = LLVMBuildSub(e->builder, bytes, ir_const(e, 1), "");

	return LLVMBuildSelect(
		e->builder, ir_compare(e, LLVMIntEQ, bytes, ir_const(e, 0)), bytes, less, "");
}

/* Not read yet: an address, and how many characters there are at the most. */
static struct value emit_str(struct emitter *e, struct node *node)
{
	struct node *pointer = node_call(node)->arguments, *length = pointer->next;
	struct value string = {};

	if (has_size(e->c, pointer->type)) {
		uint32_t own = types_size(e->c->types, pointer->type);
		bool is_array = types_class(e->c->types, pointer->type) == TYPE_ARRAY;

		string = expr_emit(e, pointer);
		string.type = types_string(e->c->types, own);
		string.may_fill |= is_array;
		if (!length)
			return string;
		string = strings_unread(e, string);
		string.length = shorter(e, string.length, ir_const(e, own));
	} else {
		bool user = is_user_pointer(e, pointer->type);
		LLVMValueRef address = expr_register(e, pointer);

		string.storage = user ? STORAGE_USER : STORAGE_KERNEL;
		string.llvm = address;
		if (user)
			classtext_find(e, pointer->type, address, &string);
	}
	string.type = node->type;
	string.may_fill = true;
	if (length)
		string.length = shorter(e, string.length, most_characters(e, length));
	return string;
}

static struct value emit_strncmp(struct emitter *e, struct node *node)
{
	struct node *a = node_call(node)->arguments, *b = a->next;
	int64_t limit = 0;

	constant_integer(b->next, &limit);
	if (!limit)
		return value_register(node->type, ir_const(e, 0));
	LLVMValueRef equal = equal_strings(e, a, b, limit);

	return value_register(node->type, ir_extend(e, LLVMBuildNot(e->builder, equal, ""), false));
}

static struct value emit_strcontains(struct emitter *e, struct node *node)
{
	struct node *haystack = node_call(node)->arguments, *needle = haystack->next;
	LLVMValueRef found = search_contains(e, haystack, needle);

	return value_register(node->type, ir_extend(e, found, false));
}

/* Of a copy: its length is where reading ended. */
static struct value emit_strlen(struct emitter *e, struct node *node)
{
	struct node *text = node_call(node)->arguments;
	struct place place = {
		.type = text->type,
		.address = variable_scratch(e, types_size(e->c->types, text->type)),
	};
	struct value string = strings_unread(e, expr_emit(e, text));

	return value_register(node->type, strings_read(e, string, place));
}

const struct builtin builtins_string[] = {
	{
		.name = "str",
		.doc = "the string at an address: up to its NUL, length or max_strlen",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_READS_TEXT | BUILTIN_ENDS_IN_NUL,
		.prototypes = {"str(pointer address, [int length]) string",
			"str(string text, [int length]) string",
			"str(bytes array, [int length]) string"},
		.infer = infer_str,
		.emit = emit_str,
	},
	{
		.name = "strncmp",
		.doc = "0 when the first length bytes of two strings are equal, otherwise not 0",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"strncmp(string a, string b, const int length) int64"},
		.emit = emit_strncmp,
	},
	{
		.name = "strcontains",
		.doc = "1 when the needle is in the haystack, otherwise 0",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"strcontains(string haystack, string needle) bool"},
		.emit = emit_strcontains,
	},
	{
		.name = "strlen",
		.doc = "the number of characters of a string",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"strlen(string text) int64"},
		.emit = emit_strlen,
	},
	{},
};
