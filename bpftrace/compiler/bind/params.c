/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Positional parameters become literals before anything else looks at the tree. A parameter is a
 * number where a value is expected, a string as the first argument of str(), which may skip some of
 * its first characters, and plain text in attach points. What was not given is 0, or "".
 */
#include "bind.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "constant.h"

/* Parameter number of the request, counted from 1; NULL when it was not given. */
static const char *parameter(const struct compilation *c, uint32_t number)
{
	if (number < 1 || number > c->request->parameters.count)
		return NULL;
	return c->request->parameters.items[number - 1];
}

static bool is_octal(const char *digits)
{
	return digits[0] == '0' && digits[1] && strspn(digits, "01234567") == strlen(digits);
}

/* As literals of the language: decimal, 0x…, 0…; and a minus before. */
static bool parse_number(const char *text, bool *ret_minus, uint64_t *ret)
{
	bool minus = *text == '-';
	const char *digits = minus ? text + 1 : text;
	bool is_hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
	int base = is_hex ? 16 : is_octal(digits) ? 8 : 10;
	const char *first = is_hex ? digits + 2 : digits;
	const char *allowed = is_hex ? "0123456789abcdefABCDEF" : "0123456789";

	if (!*first || strspn(first, allowed) != strlen(first))
		return false;
	errno = 0;
	*ret = strtoull(first, NULL, base);
	*ret_minus = minus;
	return errno == 0 && !(minus && *ret > (uint64_t)INT64_MAX + 1);
}

static struct node *number_node(struct compilation *c, const struct positional *node)
{
	const char *text = parameter(c, node->number);
	struct span span = node->node.span;
	bool minus = false;
	uint64_t value = 0;

	if (text && !parse_number(text, &minus, &value)) {
		diag_error(c->diags, span,
			"$%u used numerically but given \"%s\". Try using str($%u).", node->number,
			text, node->number);
		value = 0;
	}
	if (minus)
		return constant_new(c, span, (int64_t)(0 - value));

	struct integer *integer = new_integer(c->arena, span);

	integer->value = value;
	return &integer->node;
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

/* The literal that replaces str(parameter + skip, length). */
static struct node *string_node(struct compilation *c, const struct call *call,
	const struct positional *positional, struct node *skip)
{
	const char *text = parameter(c, positional->number);
	struct node *limit = call->arguments->next;
	int64_t offset = 0, most = INT64_MAX;

	if (!text)
		text = "";
	if (skip && (!constant_integer(skip, &offset) || offset < 0 ||
			    (uint64_t)offset > strlen(text))) {
		diag_error(c->diags, skip->span,
			"only a constant of at most the parameter's length can be added "
			"to $%u, which has %zu characters",
			positional->number, strlen(text));
		offset = 0;
	}
	if (limit && (!constant_integer(limit, &most) || most < 1)) {
		diag_error(c->diags, limit->span,
			"str: argument 2 (length) of a parameter must be a constant above 0");
		most = 1;
	}

	struct string *string = new_string(c->arena, call->node.span);
	size_t length = strlen(text + offset);

	/* The length counts the NUL. */
	string->length = MIN(length, (size_t)most - 1);
	string->text = arena_strndup(c->arena, text + offset, string->length);
	return &string->node;
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
	return positional ? string_node(c, call, positional, skip) : NULL;
}

static struct node *replacement(struct compilation *c, struct node *node)
{
	switch (node->kind) {
	case NODE_POSITIONAL: return number_node(c, node_positional(node));
	case NODE_POSITIONAL_COUNT:
		return constant_new(c, node->span, (int64_t)c->request->parameters.count);
	case NODE_CALL: return replace_str(c, node_call(node));
	default: return NULL;
	}
}

static void substitute_list(struct node **slot, void *context)
{
	for (; *slot; slot = &(*slot)->next) {
		struct node *replaced = replacement(context, *slot);

		if (replaced) {
			replaced->next = (*slot)->next;
			*slot = replaced;
		} else {
			node_slots(*slot, substitute_list, context);
		}
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
