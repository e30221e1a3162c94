/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which macro a call means. Several may have one name when they differ in the number of parameters
 * or in their kinds: $x takes a variable, @x a map without a key, any other name an expression.
 */
#include <string.h>

#include "expansion.h"

const struct node *expansion_strip(const struct node *argument)
{
	while (argument->kind == NODE_ARGUMENT)
		argument = ((const struct argument *)argument)->value;
	return argument;
}

static bool takes(const struct node *parameter, const struct node *argument)
{
	argument = expansion_strip(argument);
	switch (parameter->kind) {
	case NODE_VARIABLE: return argument->kind == NODE_VARIABLE;
	case NODE_MAP:
		return argument->kind == NODE_MAP && !((const struct map_access *)argument)->key;
	default: return true;
	}
}

/* How well the macro fits: the number of parameters $x and @x, and one more; 0: not at all. */
static unsigned fit(const struct macro *macro, const struct node *arguments)
{
	const struct node *parameter, *argument = arguments;
	unsigned special = 0;

	if (node_count(macro->parameters) != node_count(arguments))
		return 0;
	node_for_each (macro->parameters, parameter) {
		if (!takes(parameter, argument))
			return 0;
		special += parameter->kind != NODE_IDENTIFIER;
		argument = argument->next;
	}
	return special + 1;
}

const struct macro *expansion_match(
	const struct compilation *c, const char *name, const struct node *arguments, bool *is_named)
{
	const struct macro *best = NULL;
	unsigned best_fit = 0;
	struct node *node;

	*is_named = false;
	node_for_each (c->program->definitions, node) {
		if (node->kind != NODE_MACRO || strcmp(node_macro(node)->name, name) != 0)
			continue;

		unsigned found = fit(node_macro(node), arguments);

		*is_named = true;
		if (found > best_fit) {
			best = node_macro(node);
			best_fit = found;
		}
	}
	return best;
}

/* --- calls that fit no macro --- */

static const char *parameter_name(struct node *parameter)
{
	switch (parameter->kind) {
	case NODE_VARIABLE: return node_variable_use(parameter)->name;
	case NODE_MAP: return node_map_access(parameter)->name;
	default: return node_identifier(parameter)->name;
	}
}

/* The macro of the name whose number of parameters is nearest. */
static struct macro *nearest(const struct compilation *c, const char *name, size_t count)
{
	struct macro *found = NULL;
	struct node *node;
	size_t least = SIZE_MAX;

	node_for_each (c->program->definitions, node) {
		if (node->kind != NODE_MACRO || strcmp(node_macro(node)->name, name) != 0)
			continue;

		size_t own = node_count(node_macro(node)->parameters);
		size_t distance = own > count ? own - count : count - own;

		if (distance < least) {
			found = node_macro(node);
			least = distance;
		}
	}
	return found;
}

static void note_kinds(
	struct compilation *c, const struct macro *macro, const struct node *arguments)
{
	struct node *parameter;

	node_for_each (macro->parameters, parameter) {
		if (!takes(parameter, arguments)) {
			diag_note(c->diags, macro->node.span, "this one takes %s as %s",
				parameter->kind == NODE_MAP ? "a map" : "a variable",
				parameter_name(parameter));
			return;
		}
		arguments = arguments->next;
	}
}

void expansion_report_mismatch(
	struct compilation *c, struct span call, const char *name, const struct node *arguments)
{
	size_t count = node_count(arguments);
	const struct macro *macro = nearest(c, name, count);
	size_t own = node_count(macro->parameters);

	diag_error(c->diags, call, "no macro %s takes these arguments", name);
	if (own == count)
		note_kinds(c, macro, arguments);
	else
		diag_note(c->diags, macro->node.span, "this one takes %zu argument%s, not %zu", own,
			own == 1 ? "" : "s", count);
}

/* --- definitions --- */

static bool same_shape(const struct macro *a, const struct macro *b)
{
	const struct node *one = a->parameters, *other = b->parameters;

	while (one && other && one->kind == other->kind) {
		one = one->next;
		other = other->next;
	}
	return !one && !other;
}

static void check_redefinition(struct compilation *c, struct macro *macro)
{
	struct node *node;

	node_for_each (c->program->definitions, node) {
		if (node == &macro->node)
			return;
		if (node->kind != NODE_MACRO || strcmp(node_macro(node)->name, macro->name) != 0 ||
			!same_shape(node_macro(node), macro))
			continue;
		diag_error(c->diags, macro->node.span, "macro %s is defined twice", macro->name);
		diag_note(c->diags, node->span, "the first definition");
		return;
	}
}

static void check_parameters(struct compilation *c, struct macro *macro)
{
	struct node *parameter, *other;

	node_for_each (macro->parameters, parameter) {
		for (other = macro->parameters; other != parameter; other = other->next) {
			if (strcmp(parameter_name(parameter), parameter_name(other)) == 0)
				diag_error(c->diags, parameter->span,
					"macro %s has two parameters %s", macro->name,
					parameter_name(parameter));
		}
	}
}

static bool visit_return(struct node *node, void *context)
{
	struct compilation *c = context;

	if (node->kind == NODE_JUMP && node_jump(node)->jump == JUMP_RETURN) {
		diag_error(c->diags, node->span, "return cannot be used in a macro");
		diag_hint(
			c->diags, "the value of a macro is that of its last expression, without ;");
	}
	return true;
}

void expansion_check(struct compilation *c)
{
	struct node *node;

	node_for_each (c->program->definitions, node) {
		if (node->kind != NODE_MACRO)
			continue;
		check_redefinition(c, node_macro(node));
		check_parameters(c, node_macro(node));
		node_walk(node_macro(node)->body, visit_return, c);
	}
}
