/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that are known while compiling. An if whose condition is comptime is replaced by the
 * chosen branch: by scope, or, where the condition depends on types, between the rounds of infer,
 * when no type changes any more. Until then its branches have neither names nor types.
 */
#include "comptime.h"

#include <string.h>

#include "constant.h"
#include "infer.h"
#include "scope.h"

/* --- evaluation --- */

static bool apply(enum operator op, int64_t left, int64_t right, int64_t *ret)
{
	switch (op) {
	case OPERATOR_EQUAL: *ret = left == right; return true;
	case OPERATOR_NOT_EQUAL: *ret = left != right; return true;
	case OPERATOR_LESS: *ret = left < right; return true;
	case OPERATOR_LESS_EQUAL: *ret = left <= right; return true;
	case OPERATOR_GREATER: *ret = left > right; return true;
	case OPERATOR_GREATER_EQUAL: *ret = left >= right; return true;
	case OPERATOR_LOGICAL_AND: *ret = left && right; return true;
	case OPERATOR_LOGICAL_OR: *ret = left || right; return true;
	default: return constant_calculate(op, left, right, ret);
	}
}

/* && and || need the right side only where the left one does not decide. */
static bool is_decided(const struct binary *binary, int64_t left)
{
	return (binary->op == OPERATOR_LOGICAL_AND && !left) ||
	       (binary->op == OPERATOR_LOGICAL_OR && left);
}

static bool evaluate_binary(
	struct compilation *c, struct unit *unit, struct binary *binary, struct comptime_value *ret)
{
	struct comptime_value left, right;

	if (!comptime_evaluate(c, unit, binary->left, &left))
		return false;
	if (!left.text && is_decided(binary, left.number)) {
		*ret = (struct comptime_value){.number = binary->op == OPERATOR_LOGICAL_OR};
		return true;
	}
	if (!comptime_evaluate(c, unit, binary->right, &right) || !left.text != !right.text)
		return false;
	*ret = (struct comptime_value){};
	if (!left.text)
		return apply(binary->op, left.number, right.number, &ret->number);
	return binary->op <= OPERATOR_GREATER_EQUAL && binary->op >= OPERATOR_EQUAL &&
	       apply(binary->op, strcmp(left.text, right.text), 0, &ret->number);
}

static bool evaluate_unary(struct compilation *c, struct unit *unit, const struct unary *unary,
	struct comptime_value *ret)
{
	struct comptime_value operand;

	if (!comptime_evaluate(c, unit, unary->operand, &operand) || operand.text)
		return false;
	*ret = (struct comptime_value){};
	return constant_calculate_unary(unary->op, operand.number, &ret->number);
}

static bool evaluate_ternary(struct compilation *c, struct unit *unit,
	const struct ternary *ternary, struct comptime_value *ret)
{
	struct comptime_value condition;

	if (!comptime_evaluate(c, unit, ternary->condition, &condition) || condition.text)
		return false;
	return comptime_evaluate(
		c, unit, condition.number ? ternary->then : ternary->otherwise, ret);
}

static const struct builtin *evaluated_builtin(struct node *node)
{
	const struct builtin *builtin = node->kind == NODE_CALL ? node_call(node)->builtin : NULL;

	return builtin && builtin->evaluate ? builtin : NULL;
}

static bool evaluate_call(struct compilation *c, struct unit *unit, struct node *call,
	const char *member, struct comptime_value *ret)
{
	const struct builtin *builtin = evaluated_builtin(call);

	return builtin && node_call(call)->arguments &&
	       builtin->evaluate(c, unit, call, member, ret);
}

static bool number(bool is_known, uint64_t value, struct comptime_value *ret)
{
	*ret = (struct comptime_value){.number = (int64_t)value};
	return is_known;
}

bool comptime_evaluate(
	struct compilation *c, struct unit *unit, struct node *node, struct comptime_value *ret)
{
	switch (node->kind) {
	case NODE_INTEGER: return number(true, node_integer(node)->value, ret);
	case NODE_BOOLEAN: return number(true, (uint64_t)node_boolean(node)->value, ret);
	case NODE_STRING:
		*ret = (struct comptime_value){.text = node_string(node)->text};
		return strlen(ret->text) == node_string(node)->length;
	case NODE_SIZEOF: return number(node_size_of(node)->sized, node_size_of(node)->number, ret);
	case NODE_OFFSETOF:
		return number(node_offset_of(node)->members, node_offset_of(node)->number, ret);
	case NODE_COMPTIME:
		return comptime_evaluate(c, unit, node_comptime_value_of(node)->operand, ret);
	case NODE_UNARY: return evaluate_unary(c, unit, node_unary(node), ret);
	case NODE_BINARY: return evaluate_binary(c, unit, node_binary(node), ret);
	case NODE_TERNARY: return evaluate_ternary(c, unit, node_ternary(node), ret);
	case NODE_CALL: return evaluate_call(c, unit, node, NULL, ret);
	case NODE_MEMBER:
		return evaluate_call(
			c, unit, node_member(node)->object, node_member(node)->name, ret);
	default: return false;
	}
}

bool comptime_holds(struct compilation *c, struct unit *unit, struct node *condition, bool *ret)
{
	struct comptime_value value;

	if (!comptime_evaluate(c, unit, condition, &value) || value.text)
		return false;
	*ret = value.number != 0;
	return true;
}

/* --- types --- */

uint32_t comptime_infer(struct compilation *c, struct unit *unit, struct comptime_value_of *node)
{
	uint32_t type = infer_expression(c, unit, node->operand);
	struct comptime_value value;

	if (!comptime_evaluate(c, unit, node->operand, &value)) {
		if (infer_error(c, node->node.span, "this is not known while compiling"))
			diag_hint(c->diags,
				"comptime takes literals, sizeof, offsetof, typeinfo, is_str and "
				"the like, and calculations with them");
		return type;
	}
	return value.text ? types_string(c->types, (uint32_t)strlen(value.text) + 1) : type;
}

uint32_t comptime_infer_text(struct compilation *c, struct unit *unit, struct node *node)
{
	struct node *call = node->kind == NODE_MEMBER ? node_member(node)->object : node;
	struct comptime_value value;

	if (!evaluated_builtin(call))
		return 0;
	infer_statements(c, unit, node_call(call)->arguments);
	if (comptime_evaluate(c, unit, node, &value) && value.text)
		return types_string(c->types, (uint32_t)strlen(value.text) + 1);
	return 0;
}

/* --- branches --- */

void comptime_choose(struct compilation *c, struct node **slot, bool holds)
{
	struct node *node = *slot, *chosen;

	if (node->kind == NODE_IF)
		chosen = holds ? node_if_statement(node)->then : node_if_statement(node)->otherwise;
	else
		chosen = holds ? node_ternary(node)->then : node_ternary(node)->otherwise;
	if (!chosen)
		chosen = &new_block(c->arena, node->span)->node;
	chosen->in_parentheses = true;
	node_replace(slot, chosen);
}

static struct node *condition_of(struct node *node)
{
	struct node *condition = node->kind == NODE_IF        ? node_if_statement(node)->condition
				 : node->kind == NODE_TERNARY ? node_ternary(node)->condition
							      : NULL;

	return condition && condition->kind == NODE_COMPTIME ? condition : NULL;
}

struct decision {
	struct compilation *c;
	struct unit *unit;
	bool any;
};

static void decide(struct node **slot, void *context)
{
	struct decision *decision = context;

	for (; *slot; slot = &(*slot)->next) {
		struct node *condition = condition_of(*slot);
		bool holds;

		if (!condition) {
			node_slots(*slot, decide, decision);
			continue;
		}
		if (!comptime_holds(decision->c, decision->unit, condition, &holds))
			continue;
		comptime_choose(decision->c, slot, holds);
		scope_resume(decision->c, decision->unit, slot,
			node_comptime_value_of(condition)->state);
		decision->any = true;
		decision->c->undecided--;
	}
}

bool comptime_decide(struct compilation *c)
{
	struct decision decision = {.c = c};
	struct unit **unit;

	if (!c->undecided)
		return false;
	vec_for_each (&c->units, unit) {
		decision.unit = *unit;
		decide(&(*unit)->probe->filter, &decision);
		decide(&(*unit)->probe->body, &decision);
	}
	return decision.any && !c->diags->errors;
}

/* --- values --- */

static bool is_evaluated(struct node *node)
{
	if (node->kind == NODE_MEMBER)
		return evaluated_builtin(node_member(node)->object);
	return node->kind == NODE_COMPTIME || evaluated_builtin(node);
}

static struct node *literal(
	struct compilation *c, const struct node *node, const struct comptime_value *value)
{
	struct node *made;

	if (value->text) {
		made = constant_new_text(c, node->span, value->text);
		made->type = types_string(c->types, (uint32_t)strlen(value->text) + 1);
		return made;
	}
	made = constant_new(c, node->span, value->number);
	made->type = node->type;
	if (made->kind == NODE_UNARY)
		node_unary(made)->operand->type = node->type;
	return made;
}

static void fold(struct node **slot, void *context)
{
	struct decision *decision = context;

	for (; *slot; slot = &(*slot)->next) {
		struct comptime_value value;

		if (!is_evaluated(*slot) ||
			!comptime_evaluate(decision->c, decision->unit, *slot, &value)) {
			node_slots(*slot, fold, decision);
			continue;
		}
		node_replace(slot, literal(decision->c, *slot, &value));
	}
}

void comptime_fold(struct compilation *c)
{
	struct decision decision = {.c = c};
	struct unit **unit;

	if (!c->has_comptime)
		return;
	vec_for_each (&c->units, unit) {
		decision.unit = *unit;
		fold(&(*unit)->probe->filter, &decision);
		fold(&(*unit)->probe->body, &decision);
	}
}
