/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons of strings that never hold: a literal longer than the other string can be. */
#include "check.h"

#include "bpftrace/compiler/bind/constant.h"
#include "bpftrace/compiler/bind/infer.h"

/* A literal, also as str() of one, which $1 is written as; NULL for any other node. */
static const struct string *as_literal(struct node *node)
{
	if (node->kind == NODE_CALL && node_call(node)->builtin->flags & BUILTIN_READS_TEXT &&
		node_count(node_call(node)->arguments) == 1)
		node = node_call(node)->arguments;
	return node->kind == NODE_STRING ? node_string(node) : NULL;
}

/* Whether the last byte is always the NUL: that of comm, and of str() with a constant length. */
static bool has_nul(struct compilation *c, struct node *node)
{
	int64_t length;

	if (node->kind == NODE_IDENTIFIER)
		return node_identifier(node)->builtin->flags & BUILTIN_ENDS_IN_NUL;
	return node->kind == NODE_CALL && node_call(node)->builtin->flags & BUILTIN_ENDS_IN_NUL &&
	       node_count(node_call(node)->arguments) == 2 &&
	       constant_integer(node_call(node)->arguments->next, &length) && length > 0 &&
	       (uint64_t)length <= c->settings.max_strlen;
}

static bool is_limited_by_setting(
	struct compilation *c, const struct unit *unit, struct node *node, uint32_t most)
{
	return most == c->settings.max_strlen && !infer_char_array(c, unit, node);
}

static void check_literal(
	struct compilation *c, const struct unit *unit, struct node *literal, struct node *other)
{
	const struct string *string = as_literal(literal);
	uint32_t most;

	if (!string || as_literal(other) || !infer_is(c, other->type, TYPE_STRING))
		return;
	most = types_size(c->types, other->type) - (has_nul(c, other) ? 1 : 0);
	if (string->length <= most)
		return;
	diag_warning(c->diags, literal->span,
		"%s never equals this string of %zu bytes: it has %u at the most",
		diags_text(c->diags, other->span), string->length, most);
	if (is_limited_by_setting(c, unit, other, most))
		diag_hint(c->diags,
			"the setting max_strlen (BPFTRACE_MAX_STRLEN) limits it to %u; raise it",
			most);
}

static void check_one(struct compilation *c, struct unit *unit, struct node *node)
{
	struct binary *binary;

	if (node->kind != NODE_BINARY)
		return;
	binary = node_binary(node);
	if (binary->op != OPERATOR_EQUAL && binary->op != OPERATOR_NOT_EQUAL)
		return;
	check_literal(c, unit, binary->right, binary->left);
	check_literal(c, unit, binary->left, binary->right);
}

void check_comparisons(struct compilation *c)
{
	check_all(c, check_one);
}
