/* SPDX-License-Identifier: Apache-2.0 */
#include "constant.h"

#include <string.h>

bool constant_calculate_unary(enum operator op, int64_t operand, int64_t *ret)
{
	switch (op) {
	case OPERATOR_MINUS: *ret = (int64_t)(0 - (uint64_t)operand); return true;
	case OPERATOR_BIT_NOT: *ret = ~operand; return true;
	case OPERATOR_LOGICAL_NOT: *ret = !operand; return true;
	default: return false;
	}
}

static bool divide(enum operator op, int64_t left, int64_t right, int64_t *ret)
{
	if (right == 0 || (left == INT64_MIN && right == -1))
		return false;
	*ret = op == OPERATOR_DIVIDE ? left / right : left % right;
	return true;
}

bool constant_calculate(enum operator op, int64_t left, int64_t right, int64_t *ret)
{
	uint64_t a = (uint64_t)left, b = (uint64_t)right;

	switch (op) {
	case OPERATOR_ADD: *ret = (int64_t)(a + b); return true;
	case OPERATOR_SUBTRACT: *ret = (int64_t)(a - b); return true;
	case OPERATOR_MULTIPLY: *ret = (int64_t)(a * b); return true;
	case OPERATOR_DIVIDE:
	case OPERATOR_MODULO: return divide(op, left, right, ret);
	case OPERATOR_BIT_AND: *ret = left & right; return true;
	case OPERATOR_BIT_OR: *ret = left | right; return true;
	case OPERATOR_BIT_XOR: *ret = left ^ right; return true;
	case OPERATOR_SHIFT_LEFT: *ret = b < 64 ? (int64_t)(a << b) : 0; return b < 64;
	case OPERATOR_SHIFT_RIGHT: *ret = b < 64 ? left >> b : 0; return b < 64;
	default: return false;
	}
}

bool constant_integer(struct node *node, int64_t *ret)
{
	int64_t left, right;

	switch (node->kind) {
	case NODE_INTEGER: *ret = (int64_t)node_integer(node)->value; return true;
	case NODE_SIZEOF:
		*ret = (int64_t)node_size_of(node)->number;
		return !node_size_of(node)->operand;
	case NODE_OFFSETOF:
		*ret = (int64_t)node_offset_of(node)->number;
		return !node_offset_of(node)->operand;
	case NODE_CAST: /* one inserted by infer */
		return !node_cast(node)->type && constant_integer(node_cast(node)->operand, ret);
	case NODE_UNARY:
		return constant_integer(node_unary(node)->operand, &left) &&
		       constant_calculate_unary(node_unary(node)->op, left, ret);
	case NODE_BINARY:
		return constant_integer(node_binary(node)->left, &left) &&
		       constant_integer(node_binary(node)->right, &right) &&
		       constant_calculate(node_binary(node)->op, left, right, ret);
	default: return false;
	}
}

bool constant_is_unsigned(struct node *node)
{
	switch (node->kind) {
	case NODE_INTEGER:
		return node_integer(node)->value > INT64_MAX && !node_integer(node)->constant;
	case NODE_CAST: return constant_is_unsigned(node_cast(node)->operand);
	case NODE_UNARY:
		return node_unary(node)->op == OPERATOR_BIT_NOT &&
		       constant_is_unsigned(node_unary(node)->operand);
	case NODE_BINARY:
		return constant_is_unsigned(node_binary(node)->left) ||
		       constant_is_unsigned(node_binary(node)->right);
	default: return false;
	}
}

struct node *constant_new_unsigned(struct compilation *c, struct span span, uint64_t value)
{
	struct integer *integer = new_integer(c->arena, span);

	integer->value = value;
	return &integer->node;
}

struct node *constant_new_typed(
	struct compilation *c, struct span span, uint32_t type, uint64_t value)
{
	struct node *node = constant_new_unsigned(c, span, value);

	node_integer(node)->constant = type;
	return node;
}

struct node *constant_new_text(struct compilation *c, struct span span, const char *text)
{
	struct string *string = new_string(c->arena, span);

	string->text = text;
	string->length = strlen(text);
	return &string->node;
}

struct node *constant_new(struct compilation *c, struct span span, int64_t value)
{
	if (value >= 0)
		return constant_new_unsigned(c, span, (uint64_t)value);

	struct unary *minus = new_unary(c->arena, span);

	minus->op = OPERATOR_MINUS;
	minus->operand = constant_new_unsigned(c, span, 0 - (uint64_t)value);
	return &minus->node;
}
