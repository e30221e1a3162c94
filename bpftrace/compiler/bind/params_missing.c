/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Warns about positional parameters that a script uses though they were not given. A script that
 * handles the case itself gets no warning: it uses $#, takes the parameter as a condition, or
 * compares it with 0 or "".
 */
#include "bind.h"
#include "constant.h"

enum {
	NUMBERS_MAX = 64,
};

struct missing {
	const struct compilation *c;
	const struct positional *uses[NUMBERS_MAX]; /* by number, the first of each */
	bool handled[NUMBERS_MAX];
	bool uses_count; /* $# */
};

/* $1 or str($1); NULL for anything else. */
static const struct positional *parameter_of(const struct missing *missing, struct node *node)
{
	const struct builtin *builtin = NULL;

	if (node && node->kind == NODE_CALL)
		builtin = builtin_find(missing->c, node_call(node)->name, NULL);
	if (builtin && builtin->flags & BUILTIN_READS_TEXT)
		node = node_call(node)->arguments;
	return node && node->kind == NODE_POSITIONAL ? node_positional(node) : NULL;
}

static void handle(struct missing *missing, struct node *node)
{
	const struct positional *parameter = parameter_of(missing, node);

	if (parameter && parameter->number < NUMBERS_MAX)
		missing->handled[parameter->number] = true;
}

static bool is_empty(struct node *node)
{
	int64_t value;

	if (node->kind == NODE_STRING)
		return node_string(node)->length == 0;
	return constant_integer(node, &value) && value == 0;
}

static void visit_binary(struct missing *missing, const struct binary *binary)
{
	bool is_logic = binary->op == OPERATOR_LOGICAL_AND || binary->op == OPERATOR_LOGICAL_OR;

	if (is_logic || is_empty(binary->right))
		handle(missing, binary->left);
	if (is_logic || is_empty(binary->left))
		handle(missing, binary->right);
}

static bool visit(struct node *node, void *context)
{
	struct missing *missing = context;

	switch (node->kind) {
	case NODE_POSITIONAL:
		if (node_positional(node)->number < NUMBERS_MAX &&
			!missing->uses[node_positional(node)->number])
			missing->uses[node_positional(node)->number] = node_positional(node);
		break;
	case NODE_POSITIONAL_COUNT: missing->uses_count = true; break;
	case NODE_BINARY: visit_binary(missing, node_binary(node)); break;
	case NODE_UNARY:
		if (node_unary(node)->op == OPERATOR_LOGICAL_NOT)
			handle(missing, node_unary(node)->operand);
		break;
	case NODE_IF: handle(missing, node_if_statement(node)->condition); break;
	case NODE_TERNARY: handle(missing, node_ternary(node)->condition); break;
	case NODE_WHILE: handle(missing, node_while_loop(node)->condition); break;
	case NODE_PROBE: handle(missing, node_probe(node)->filter); break;
	default: break;
	}
	return true;
}

void params_warn_missing(struct compilation *c)
{
	struct missing missing = {.c = c};

	node_walk(&c->program->node, visit, &missing);
	if (missing.uses_count)
		return;
	for (uint32_t i = (uint32_t)c->arguments.positional.count + 1; i < NUMBERS_MAX; i++) {
		if (missing.uses[i] && !missing.handled[i])
			diag_warning(c->diags, missing.uses[i]->node.span,
				"parameter $%u was not given: it counts as 0, or as an empty "
				"string",
				i);
	}
}
