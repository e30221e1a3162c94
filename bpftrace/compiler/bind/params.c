/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Positional parameters become literals before anything else looks at the tree. A parameter is a
 * string as the first argument of str(), and where it is no number; adding a number skips some of
 * its first characters. Elsewhere it is a number, and plain text in attach points. What was not
 * given is 0, or "".
 */
#include "bind.h"

#include <stdlib.h>
#include <string.h>

#include "constant.h"
#include "libcommon/base/numeral.h"

/* Positional parameter, counted from 1; NULL when it was not given. */
static const char *parameter(const struct compilation *c, uint32_t number)
{
	if (number < 1 || number > c->arguments.positional.count)
		return NULL;
	return c->arguments.positional.items[number - 1];
}

/* Whether it was given, and is no number. */
static bool is_text(const struct compilation *c, const struct positional *node)
{
	const char *text = parameter(c, node->number);
	bool is_negative;
	uint64_t value;

	return text && !numeral_parse(text, &is_negative, &value);
}

static struct node *number_node(struct compilation *c, const struct positional *node)
{
	const char *text = parameter(c, node->number);
	bool is_negative = false;
	uint64_t value = 0;

	if (text)
		numeral_parse(text, &is_negative, &value);
	if (is_negative)
		return constant_new(c, node->node.span, (int64_t)value);
	return constant_new_unsigned(c, node->node.span, value);
}

/* $1, $1 + 2 or 2 + $1: the parameter, and how many characters to skip (0 when none are). */
static struct positional *as_string(struct node *node, struct node **ret_skip)
{
	*ret_skip = NULL;
	if (node->kind == NODE_POSITIONAL)
		return node_positional(node);
	if (node->kind != NODE_BINARY || node_binary(node)->op != OPERATOR_ADD)
		return NULL;

	struct node *left = node_binary(node)->left, *right = node_binary(node)->right;

	if (left->kind != NODE_POSITIONAL) {
		left = node_binary(node)->right;
		right = node_binary(node)->left;
	}
	if (left->kind != NODE_POSITIONAL)
		return NULL;
	*ret_skip = right;
	return node_positional(left);
}

/* How many characters of the text are skipped. */
static size_t skipped(struct compilation *c, const struct positional *positional, const char *text,
	struct node *skip)
{
	size_t length = strlen(text);
	int64_t offset = 0;

	if (!skip || (constant_integer(skip, &offset) && offset >= 0 && (uint64_t)offset <= length))
		return (size_t)offset;
	diag_error(c->diags, skip->span,
		"only a constant of at most the parameter's length can be added "
		"to $%u, which has %zu characters",
		positional->number, length);
	return 0;
}

/* The literal that replaces parameter + skip: most characters of it at the most. */
static struct node *string_node(struct compilation *c, struct span span,
	const struct positional *positional, struct node *skip, size_t most)
{
	const char *text = parameter(c, positional->number);
	struct string *string = new_string(c->arena, span);

	if (!text)
		text = "";
	text += skipped(c, positional, text, skip);
	string->length = strnlen(text, most);
	string->text = arena_strndup(c->arena, text, string->length);
	return &string->node;
}

/* What the second argument of str() allows: the length counts the NUL. */
static size_t most_characters(struct compilation *c, struct node *limit)
{
	int64_t most = INT64_MAX;

	if (limit && (!constant_integer(limit, &most) || most < 1)) {
		diag_error(c->diags, limit->span,
			"str: argument 2 (length) of a parameter must be a constant above 0");
		most = 1;
	}
	return (size_t)most - 1;
}

/* The string that a call of str() on a parameter becomes; NULL when it is some other call. */
static struct node *replace_str(struct compilation *c, const struct call *call)
{
	struct node *skip;
	const struct positional *positional;

	const struct builtin *builtin = builtin_find(c, call->name, NULL);

	if (!builtin || !(builtin->flags & BUILTIN_READS_TEXT) || !call->arguments ||
		node_count(call->arguments) > 2)
		return NULL;
	positional = as_string(call->arguments, &skip);
	if (!positional)
		return NULL;
	return string_node(
		c, call->node.span, positional, skip, most_characters(c, call->arguments->next));
}

/* A parameter that is no number: it is a string in itself. */
static struct node *replace_text(struct compilation *c, struct node *node)
{
	struct node *skip;
	const struct positional *positional = as_string(node, &skip);

	if (!positional || !is_text(c, positional))
		return NULL;
	diags_explain(c->diags, node->span, NULL, "$%u is \"%s\", which is no number",
		positional->number, parameter(c, positional->number));
	return string_node(c, node->span, positional, skip, SIZE_MAX);
}

static struct node *replace_parameter(struct compilation *c, struct node *node)
{
	struct node *text = replace_text(c, node);

	return text ? text : number_node(c, node_positional(node));
}

static struct node *replacement(struct compilation *c, struct node *node)
{
	switch (node->kind) {
	case NODE_POSITIONAL: return replace_parameter(c, node);
	case NODE_BINARY: return replace_text(c, node);
	case NODE_POSITIONAL_COUNT:
		return constant_new(c, node->span, (int64_t)c->arguments.positional.count);
	case NODE_CALL: return replace_str(c, node_call(node));
	default: return NULL;
	}
}

static void substitute_list(struct node **slot, void *context)
{
	for (; *slot; slot = &(*slot)->next) {
		struct node *replaced = replacement(context, *slot);

		if (replaced)
			node_replace(slot, replaced);
		else
			node_slots(*slot, substitute_list, context);
	}
}

/* Appends the parameter that text (behind a $) names; returns the digits' length, 0 if none. */
static size_t append_parameter(
	struct compilation *c, struct span span, const char *text, struct str *out)
{
	size_t digits = strspn(text, "0123456789");
	uint64_t number = digits ? strtoull(text, NULL, 10) : 0;

	if (!digits)
		return 0;

	const char *value = number <= UINT32_MAX ? parameter(c, (uint32_t)number) : NULL;

	if (value)
		str_append(out, value);
	else
		diag_error(c->diags, span, "the probe needs parameter $%.*s, which was not given",
			(int)digits, text);
	return digits;
}

static void substitute_attach_point(struct compilation *c, struct attach_point *point)
{
	_cleanup_str_ struct str text = STR_INIT;
	bool quoted = false;

	if (!strchr(point->text, '$'))
		return;
	for (const char *at = point->text; *at; at++) {
		size_t digits = 0;

		if (*at == '"')
			quoted = !quoted;
		if (*at == '$' && !quoted)
			digits = append_parameter(c, point->node.span, at + 1, &text);
		if (digits)
			at += digits;
		else
			str_append_char(&text, *at);
	}
	point->text = arena_strdup(c->arena, str_text(&text));
}

void params_substitute(struct compilation *c)
{
	struct node *probe, *point;

	params_warn_missing(c);
	node_for_each (c->program->probes, probe) {
		node_for_each (node_probe(probe)->attach_points, point)
			substitute_attach_point(c, node_attach_point(point));
	}
	substitute_list(&c->program->definitions, c);
	substitute_list(&c->program->probes, c);
}
