/* SPDX-License-Identifier: Apache-2.0 */
/* Printing: values travel in records, maps are named and printed by user space. */
#include "bpftrace/compiler/bind/constant.h"
#include "bpftrace/compiler/bind/infer.h"
#include "bpftrace/compiler/bind/typename.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/record.h"
#include "bpftrace/compiler/emit/seqfile.h"
#include "libcommon/base/format.h"
#include "builtin_table.h"
#include "print.h"

/* --- printf, and what is named by such a format --- */

static const char *wanted_for(enum conversion conversion)
{
	switch (conversion) {
	case CONVERSION_STRING: return "string";
	case CONVERSION_BUFFER: return "buffer";
	case CONVERSION_POINTER: return "pointer";
	default: return "integer";
	}
}

/* What a value can be printed with: anything with %s, numbers with the rest. But %s of a pointer is
 * mostly meant for the string there. */
static bool accepts(const struct types *types, enum conversion conversion, uint32_t type)
{
	switch (types_class(types, type)) {
	case TYPE_ENUM:
	case TYPE_INTEGER: return conversion != CONVERSION_BUFFER;
	case TYPE_POINTER:
		return conversion != CONVERSION_STRING && conversion != CONVERSION_BUFFER;
	case TYPE_MEANING:
		return conversion == CONVERSION_STRING ||
		       (conversion == CONVERSION_BUFFER &&
			       types_has_meaning(types, type, MEANING_BUF));
	case TYPE_STRING:
	case TYPE_TUPLE: return conversion == CONVERSION_STRING;
	case TYPE_ARRAY: return conversion == CONVERSION_STRING || conversion == CONVERSION_BUFFER;
	default: return conversion == CONVERSION_STRING;
	}
}

static const char *class_name(const struct types *types, uint32_t type)
{
	switch (types_class(types, type)) {
	case TYPE_INTEGER:
	case TYPE_ENUM: return "integer";
	case TYPE_POINTER: return "pointer";
	case TYPE_STRING: return "string";
	case TYPE_TUPLE: return "tuple";
	case TYPE_ARRAY: return "array";
	case TYPE_MEANING: return meaning_name(types_meaning_of(types, type));
	default: return "struct";
	}
}

static void check_arguments(struct compilation *c, const struct format *format,
	const struct call *call, const char *text)
{
	struct node *argument = call->arguments->next;
	const struct format_item *item;

	vec_for_each (&format->items, item) {
		if (item->conversion == CONVERSION_NONE || !argument)
			continue;
		if (argument->type && !accepts(c->types, item->conversion, argument->type)) {
			diag_error(c->diags, argument->span,
				"%s: %.*s specifier expects a value of type %s (%s supplied)",
				call->name, (int)(item->end - item->begin), text + item->begin,
				wanted_for(item->conversion), class_name(c->types, argument->type));
			if (item->conversion == CONVERSION_STRING)
				infer_hint_str(c, argument);
		}
		argument = argument->next;
	}
}

/* %s of a number, which user space would show as a text. */
static void check_seqfile_texts(
	struct compilation *c, const struct format *format, const struct node *argument)
{
	const struct format_item *item;

	vec_for_each (&format->items, item) {
		if (item->conversion == CONVERSION_NONE || !argument)
			continue;
		if (item->conversion == CONVERSION_STRING && argument->type &&
			types_is_integer(c->types, argument->type))
			diag_error(c->diags, argument->span,
				"printf: %%s in a pinned iterator prints strings only (%s "
				"supplied)",
				class_name(c->types, argument->type));
		argument = argument->next;
	}
}

/* What the kernel itself formats is less. */
static void check_seqfile(struct compilation *c, const struct format *format, struct node *node)
{
	const char *refusal = seqfile_refusal(format);

	if (refusal) {
		diag_error(c->diags, node->span,
			"printf: the kernel, which formats in a pinned iterator, cannot print %s",
			refusal);
		diag_hint(
			c->diags, "it supports %%d, %%u, %%x, %%X, %%c, %%p and %%s, with widths");
		return;
	}
	check_seqfile_texts(c, format, node_call(node)->arguments->next);
	for (node = node_call(node)->arguments->next; node; node = node->next) {
		enum type_class class = types_class(c->types, node->type);

		if (node->type && class != TYPE_INTEGER && class != TYPE_ENUM &&
			class != TYPE_POINTER && class != TYPE_STRING)
			diag_error(c->diags, node->span,
				"printf: a pinned iterator prints integers and strings only (%s "
				"supplied)",
				class_name(c->types, node->type));
	}
}

static void warn_stray_percents(
	struct compilation *c, const struct format *format, const struct call *call)
{
	const struct string *text = node_string(call->arguments);

	if (!format->strays)
		return;
	diag_warning(c->diags, text->node.span,
		"%s: \"%.*s\" is not a conversion, it is printed as it is", call->name,
		(int)(format->stray_end - format->stray_begin), text->text + format->stray_begin);
	diag_hint(c->diags, "\"%%%%\" is a percent sign");
}

void print_check_formatted(struct compilation *c, struct unit *unit, struct node *node)
{
	struct node *first = node_call(node)->arguments;

	if (!first || first->kind != NODE_STRING)
		return;
	struct string *text = node_string(first);
	_cleanup_(format_deinit) struct format format = {};
	size_t supplied = node_count(first->next);
	_cleanup_error_ struct error *error =
		format_parse(text->text, text->length, supplied, &format);

	if (error) {
		diag_error(c->diags, first->span, "%s: %s", node_call(node)->name, error->message);
		return;
	}
	warn_stray_percents(c, &format, node_call(node));
	if (supplied != format.arguments) {
		diag_error(c->diags, node->span,
			"%s: %s arguments for format string (%zu supplied, %zu expected)",
			node_call(node)->name,
			supplied < format.arguments ? "Not enough" : "Too many", supplied,
			format.arguments);
		return;
	}
	check_arguments(c, &format, node_call(node), text->text);
	if (unit_is_pinned(unit))
		check_seqfile(c, &format, node);
}

static void print_seqfile(struct emitter *e, struct string *text)
{
	_cleanup_(format_deinit) struct format format = {};

	error_free(format_parse(text->text, text->length, node_count(text->node.next), &format));
	seqfile_print(e, &format, text->node.next);
}

struct value print_emit_formatted(struct emitter *e, struct node *node, enum action action)
{
	struct string *text = node_string(node_call(node)->arguments);

	if (unit_is_pinned(e->unit)) {
		print_seqfile(e, text);
		return value_none();
	}
	uint32_t site = record_site(e, node, action);
	struct manifest_site *row = record_site_row(e, site);

	row->text = text->text;
	row->text_length = text->length;
	record_send(e, site, text->node.next);
	return value_none();
}

static struct value emit_printf(struct emitter *e, struct node *node)
{
	return print_emit_formatted(e, node, ACTION_PRINTF);
}

static struct value emit_cat(struct emitter *e, struct node *node)
{
	return print_emit_formatted(e, node, ACTION_CAT);
}

static struct value emit_system(struct emitter *e, struct node *node)
{
	return print_emit_formatted(e, node, ACTION_SYSTEM);
}

/* --- print --- */

static bool prints_map(struct node *node)
{
	struct node *first = node_call(node)->arguments;

	return first && first->kind == NODE_MAP && !node_map_access(first)->key &&
	       node_map_access(first)->map;
}

/* The value of an argument, which is constant by its prototype. */
static int64_t number_or(struct node *node, int64_t otherwise)
{
	int64_t value;

	return node && constant_integer(node, &value) ? value : otherwise;
}

static void check_at_least(
	struct compilation *c, struct node *node, const char *what, int64_t least)
{
	int64_t value = number_or(node, least);

	if (value < least)
		diag_error(c->diags, node->span, "print: %s must be at least %lld (provided %lld)",
			what, (long long)least, (long long)value);
}

/* What is a number, or an aggregation of numbers. */
static bool can_be_divided(const struct compilation *c, uint32_t type)
{
	return types_is_integer(c->types, type) || types_is_aggregation(c->types, type);
}

static void check_divisor(struct compilation *c, struct map_access *access, struct node *divisor)
{
	uint32_t type = access->map->value;

	check_at_least(c, divisor, "the divisor", 1);
	if (!can_be_divided(c, type))
		diag_error(c->diags, divisor->span,
			"print: the values of %s are of type '%s', which can not be divided",
			access->name, typename_spell(c, type));
}

static void check_print(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *first = node_call(node)->arguments;

	if (first && prints_map(node)) {
		struct node *top = first->next, *divisor = top ? top->next : NULL;

		if (top)
			check_at_least(c, top, "the top", 0);
		if (divisor)
			check_divisor(c, node_map_access(first), divisor);
		return;
	}
	if (first && first->next)
		diag_error(c->diags, first->next->span,
			"print: only a map has a top and a divisor, this is a single value");
}

/* The call of clear() or zero() for the same map that follows in the same list of statements; NULL
 * when there is none, or when the map is printed once more before. */
static struct call *find_emptying(struct node *node, const struct map *map)
{
	for (node = node->next; node; node = node->next) {
		struct node *first = node->kind == NODE_CALL ? node_call(node)->arguments : NULL;

		if (!first || first->kind != NODE_MAP || node_map_access(first)->map != map)
			continue;
		return node_call(node)->builtin->swap_action ? node_call(node) : NULL;
	}
	return NULL;
}

/* A map that is printed and then emptied is double-buffered: the print() does both, by a swap. */
static void plan_print(struct node *node)
{
	if (!prints_map(node))
		return;
	struct map *map = node_map_access(node_call(node)->arguments)->map;
	struct call *emptying = find_emptying(node, map);

	if (!emptying)
		return;
	map->double_buffered = true;
	node_call(node)->swap = emptying;
	emptying->swap = node_call(node);
}

static enum action print_action(const struct call *call)
{
	const struct call *emptying = call->swap;

	return emptying ? (enum action)emptying->builtin->swap_action : ACTION_PRINT_MAP;
}

static struct value emit_print(struct emitter *e, struct node *node)
{
	struct node *first = node_call(node)->arguments;

	if (!prints_map(node)) {
		record_send(e, record_site(e, node, ACTION_PRINT), first);
		return value_none();
	}
	uint32_t site = record_site(e, node, print_action(node_call(node)));
	struct manifest_site *row = record_site_row(e, site);

	row->map = node_map_access(first)->map->index;
	row->top = (uint64_t)number_or(first->next, 0);
	row->divisor = (uint64_t)number_or(first->next ? first->next->next : NULL, 1);
	record_control(e, site, NULL, 0);
	return value_none();
}

const struct builtin builtins_print[] = {
	{
		.name = "printf",
		.doc = "prints values by a format like that of printf(3)",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_ASYNC | BUILTIN_WRITES,
		.prototypes = {"printf(literal format, any...) void"},
		.check = print_check_formatted,
		.emit = emit_printf,
	},
	{
		.name = "cat",
		.doc = "prints a file, whose name is a format like that of printf(3)",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_ASYNC,
		.prototypes = {"cat(literal format, any...) void"},
		.check = print_check_formatted,
		.emit = emit_cat,
	},
	{
		.name = "system",
		.doc = "runs a shell command, which is a format like that of printf(3), and prints "
		       "its output",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_ASYNC | BUILTIN_UNSAFE,
		.prototypes = {"system(literal format, any...) void"},
		.check = print_check_formatted,
		.emit = emit_system,
	},
	{
		.name = "print",
		.doc = "prints a map (the top entries, values divided) or a value",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_ASYNC,
		.prototypes = {"print(map map, [const int top], [const int divisor]) void",
			"print(any value) void"},
		.check = check_print,
		.plan = plan_print,
		.emit = emit_print,
	},
	{},
};
