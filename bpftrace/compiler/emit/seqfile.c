/* SPDX-License-Identifier: Apache-2.0 */
/*
 * printf in a pinned iterator: no runner is there to format records, so the kernel writes the line
 * itself, by bpf_seq_printf, to the file that is read. Its format has conversions for integers and
 * strings, flags and widths; seqfile_refusal returns what of a format it lacks. Values are words in
 * memory: integers in 64 bits, strings as addresses. The trace_pipe takes the same formats.
 */
#include <string.h>

#include "context/context.h"
#include "expr.h"
#include "helper.h"
#include "ir.h"
#include "libcommon/base/format.h"
#include "seqfile.h"
#include "variable.h"

enum {
	MOST_VALUES = 12, /* MAX_BPRINTF_VARARGS of the kernel */
	MOST_TRACED = 3,  /* a helper has five arguments, format and size are two */
	WORD = 8,
};

const char *seqfile_refusal(const struct format *format)
{
	const struct format_item *item;

	vec_for_each (&format->items, item) {
		if (item->conversion == CONVERSION_BUFFER)
			return "buffers";
		if (item->conversion == CONVERSION_FLAGS)
			return "names of flags";
		if (item->letter == 'o')
			return "octal numbers";
		if (item->alternate)
			return "the flag #";
		if (item->conversion != CONVERSION_NONE && item->precision >= 0)
			return "a precision";
	}
	return format->arguments > MOST_VALUES ? "more than 12 values" : NULL;
}

const char *seqfile_refusal_of_trace(const struct format *format)
{
	return format->arguments > MOST_TRACED ? "more than 3 values" : seqfile_refusal(format);
}

static void append_literal(const struct format_item *item, struct str *out)
{
	for (size_t i = 0; i < item->literal_length; i++) {
		if (item->literal[i] == '%')
			str_append_char(out, '%');
		str_append_char(out, item->literal[i]);
	}
}

/* Flags and width, "%-5". */
static void append_head(const struct format_item *item, struct str *out)
{
	str_append_char(out, '%');
	if (item->left)
		str_append_char(out, '-');
	if (item->plus)
		str_append_char(out, '+');
	if (item->space)
		str_append_char(out, ' ');
	if (item->zero)
		str_append_char(out, '0');
	if (item->width)
		str_printf(out, "%d", item->width);
}

static void append_item(const struct format_item *item, struct str *out)
{
	append_literal(item, out);
	switch (item->conversion) {
	case CONVERSION_NONE:
	case CONVERSION_BUFFER:
	case CONVERSION_FLAGS: return;
	case CONVERSION_POINTER: str_append(out, "0x%llx"); return;
	case CONVERSION_STRING:
	case CONVERSION_CHAR:
		append_head(item, out);
		str_append_char(out, 's');
		return;
	case CONVERSION_SIGNED:
	case CONVERSION_UNSIGNED:
		append_head(item, out);
		str_printf(out, "ll%c", item->letter);
		return;
	}
}

static LLVMValueRef format_constant(struct emitter *e, const struct str *text)
{
	LLVMValueRef string =
		LLVMConstStringInContext(e->llvm, str_text(text), text->length, false);
	LLVMValueRef global = LLVMAddGlobal(e->module, LLVMTypeOf(string), "format");

	LLVMSetInitializer(global, string);
	LLVMSetSection(global, ".rodata");
	LLVMSetLinkage(global, LLVMInternalLinkage);
	LLVMSetGlobalConstant(global, true);
	return global;
}

/* A character is a string of one. */
static LLVMValueRef character(struct emitter *e, struct node *argument)
{
	LLVMValueRef text = variable_scratch(e, WORD);
	LLVMValueRef letter =
		LLVMBuildAnd(e->builder, expr_register(e, argument), ir_const(e, UINT8_MAX), "");

	ir_store(e, text, letter, WORD);
	return LLVMBuildPtrToInt(e->builder, text, e->i64, "");
}

/* The kernel reads up to a NUL, for which there is a byte more than the string may fill. */
static LLVMValueRef ended_string(struct emitter *e, struct node *argument)
{
	uint32_t size = types_size(e->c->types, argument->type);
	struct place place = variable_temporary(e, types_string(e->c->types, size + 1));

	expr_into(e, argument, place);
	return LLVMBuildPtrToInt(e->builder, place.address, e->i64, "");
}

/* At the width of its type, then at that of the length letters. */
static LLVMValueRef integer(
	struct emitter *e, const struct format_item *item, struct node *argument)
{
	const struct types *types = e->c->types;
	uint32_t size = types_size(types, argument->type);
	bool is_signed = format_reads_signed(item, size, types_is_signed(types, argument->type));
	LLVMValueRef value = ir_narrowed(e, size, is_signed, expr_register(e, argument));

	if (!item->bytes)
		return value;
	return ir_narrowed(e, item->bytes, item->conversion == CONVERSION_SIGNED, value);
}

static LLVMValueRef word_of(
	struct emitter *e, const struct format_item *item, struct node *argument)
{
	switch (item->conversion) {
	case CONVERSION_STRING: return ended_string(e, argument);
	case CONVERSION_CHAR: return character(e, argument);
	default: return integer(e, item, argument);
	}
}

void seqfile_print(struct emitter *e, const struct format *format, struct node *argument)
{
	_cleanup_str_ struct str text = STR_INIT;
	uint32_t size = (uint32_t)format->arguments * WORD, at = 0;
	LLVMValueRef values = size ? variable_scratch(e, size) : LLVMConstNull(e->pointer);
	const struct format_item *item;

	vec_for_each (&format->items, item) {
		append_item(item, &text);
		if (item->conversion == CONVERSION_NONE || !argument)
			continue;
		ir_store(e, ir_offset(e, values, at), word_of(e, item, argument), WORD);
		at += WORD;
		argument = argument->next;
	}
	helper_call(e, HELPER_seq_printf,
		HELPER_ARGS(context_iter_file(e), format_constant(e, &text),
			ir_const(e, text.length + 1), values, ir_const(e, size)));
}

void seqfile_trace(struct emitter *e, const struct format *format, struct node *argument)
{
	_cleanup_str_ struct str text = STR_INIT;
	LLVMValueRef arguments[2 + MOST_TRACED];
	const struct format_item *item;
	size_t count = 2;

	vec_for_each (&format->items, item) {
		append_item(item, &text);
		if (item->conversion == CONVERSION_NONE || !argument ||
			count == ARRAY_SIZE(arguments))
			continue;
		arguments[count++] = word_of(e, item, argument);
		argument = argument->next;
	}
	arguments[0] = format_constant(e, &text);
	arguments[1] = ir_const(e, text.length + 1);
	helper_call(e, HELPER_trace_printk, arguments, count);
}
