/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of the script's macros become EXPANSIONs: a copy of the macro's body, in which each plain
 * parameter is replaced by the argument (an ARGUMENT, unless it means the same everywhere), and
 * ALIASes for the parameters $x and @x. scope_macro.c resolves the names in it.
 *
 * The copy's spans are in a source of its own, whose parent is the call: so each message about it
 * shows the place in the macro and the calls. What is expanded is limited in size and depth, since
 * a few macros that call each other twice can mean any number of nodes.
 */
#include "expansion.h"

#include <string.h>

#include "bpftrace/compiler/ast/parse.h"

enum {
	NODES_MAX = 1 << 16, /* of all expansions of a script */
};

struct expander {
	struct compilation *c;
	const struct macro_call *call; /* the innermost */
	size_t nodes;                  /* made so far */
	unsigned level;
	bool stopped; /* a limit was reached, which is reported */
};

/* --- limits --- */

struct size {
	size_t nodes;
	unsigned level, levels;
};

static void measure_slot(struct node **slot, void *context)
{
	struct size *size = context;
	struct node *node;

	size->level++;
	size->levels = MAX(size->levels, size->level);
	node_for_each (*slot, node) {
		size->nodes++;
		node_slots(node, measure_slot, size);
	}
	size->level--;
}

/* Nodes and levels of a tree, whose levels are limited. */
static struct size measure(struct node *node)
{
	struct size size = {.nodes = 1, .level = 1, .levels = 1};

	node_slots(node, measure_slot, &size);
	return size;
}

static bool stop(struct expander *e, struct span span, const char *limit, size_t most)
{
	if (!e->stopped)
		diag_error(e->c->diags, span, limit, most);
	e->stopped = true;
	return false;
}

/* Counts nodes that are to be made below the current one; false: too many. */
static bool count(struct expander *e, struct span span, size_t nodes, unsigned levels)
{
	if (e->stopped)
		return false;
	e->nodes += nodes;
	if (e->nodes > NODES_MAX)
		return stop(e, span, "macros expand to more than %zu nodes of the syntax tree",
			NODES_MAX);
	if (e->level + levels > PARSE_LEVELS_MAX)
		return stop(e, span, "expanded macros are nested more than %zu levels deep",
			PARSE_LEVELS_MAX);
	return true;
}

/* --- parameters --- */

/* The argument for a plain parameter of the innermost macro; NULL: the name is none. */
static const struct macro_argument *find_argument(const struct expander *e, const char *name)
{
	struct node *parameter;
	size_t index = 0;

	if (!e->call || !name)
		return NULL;
	node_for_each (e->call->macro->parameters, parameter) {
		if (parameter->kind == NODE_IDENTIFIER &&
			strcmp(node_identifier(parameter)->name, name) == 0)
			return &e->call->arguments[index];
		index++;
	}
	return NULL;
}

/* Whether the expression means the same among the names of any macro. */
static bool is_free_of_names(const struct node *node)
{
	switch (node->kind) {
	case NODE_INTEGER:
	case NODE_STRING:
	case NODE_BOOLEAN:
	case NODE_IDENTIFIER: return true;
	default: return false;
	}
}

/* A copy of the argument for one use of its parameter. */
static struct node *use_argument(
	struct expander *e, const struct macro_argument *given, struct span use)
{
	struct node *copy;
	struct argument *argument;

	if (!count(e, use, given->nodes + 1, given->levels + 1))
		return NULL;
	copy = node_clone(e->c->arena, given->node);
	copy->in_parentheses = true;
	if (is_free_of_names(copy))
		return copy;
	argument = new_argument(e->c->arena, use);
	argument->value = copy;
	argument->node.in_parentheses = true;
	return &argument->node;
}

/* --- calls --- */

static void expand_list(struct node **slot, void *context);

/* Appends the names of the calls from the outermost to call, each followed by an arrow. */
static void append_chain(
	const struct macro_call *call, const struct macro_call *outermost, struct str *out)
{
	if (call != outermost)
		append_chain(call->outer, outermost, out);
	str_printf(out, "%s > ", call->macro->name);
}

/* "a > b > a" for a macro that is being expanded already; false: it is not. */
static bool is_recursive(struct expander *e, struct span span, const struct macro *macro)
{
	const struct macro_call *first = e->call;
	_cleanup_str_ struct str chain = STR_INIT;

	while (first && first->macro != macro)
		first = first->outer;
	if (!first)
		return false;
	append_chain(e->call, first, &chain);
	str_append(&chain, macro->name);
	diag_error(e->c->diags, span, "macro %s is called by itself: %s", macro->name,
		str_text(&chain));
	return true;
}

static struct node *new_alias_of(
	struct expander *e, struct span span, const char *name, struct node *target)
{
	struct alias *alias = new_alias(e->c->arena, span);

	alias->name = name;
	alias->target = target;
	target->next = NULL;
	return &alias->node;
}

/* Takes the arguments from their list: those for $x and @x are ALIASes of the expansion. */
static void bind_arguments(struct expander *e, struct macro_call *call,
	struct macro_expansion *expansion, struct node *list)
{
	struct node **tail = &expansion->aliases, *parameter, *next;
	size_t index = 0;

	call->arguments = arena_array(
		e->c->arena, struct macro_argument, node_count(call->macro->parameters) + 1);
	node_for_each (call->macro->parameters, parameter) {
		struct size size = measure(list);

		next = list->next;
		call->arguments[index++] = (struct macro_argument){list, size.nodes, size.levels};
		if (parameter->kind != NODE_IDENTIFIER) {
			const char *name = parameter->kind == NODE_MAP
						   ? node_map_access(parameter)->name
						   : node_variable_use(parameter)->name;

			*tail = new_alias_of(e, list->span, name, list);
			tail = &(*tail)->next;
		}
		list = next;
	}
}

static void expand_call(
	struct expander *e, struct node **slot, const struct macro *macro, struct node *arguments)
{
	struct macro_expansion *expansion = new_macro_expansion(e->c->arena, (*slot)->span);
	struct size size = measure(macro->body);
	struct macro_call call = {.outer = e->call, .macro = macro};

	if (is_recursive(e, (*slot)->span, macro) ||
		!count(e, (*slot)->span, size.nodes + 1, size.levels + 1))
		return;
	bind_arguments(e, &call, expansion, arguments);
	expansion->name = macro->name;
	expansion->node.in_parentheses = true;
	expansion->body = node_clone(e->c->arena, macro->body);
	call.source = diags_add_expansion(e->c->diags, macro->node.span.source, (*slot)->span);
	node_replace(slot, &expansion->node);
	e->call = &call;
	e->level++;
	expand_list(&expansion->body, e);
	e->level--;
	e->call = call.outer;
}

static void expand_function(struct expander *e, struct node **slot)
{
	struct call *call = node_call(*slot);
	const struct macro *macro;
	bool is_named;

	expand_list(&call->arguments, e);
	macro = expansion_match(e->c, call->name, call->arguments, &is_named);
	if (macro)
		expand_call(e, slot, macro, call->arguments);
	else if (is_named && !builtin_find(e->c, call->name, NULL))
		expansion_report_mismatch(e->c, call->node.span, call->name, call->arguments);
}

/* --- names --- */

static void expand_word(struct expander *e, struct node **slot)
{
	const char *name = node_identifier(*slot)->name;
	const struct macro_argument *argument = find_argument(e, name);
	const struct macro *macro;
	bool is_named;

	if (argument) {
		struct node *used = use_argument(e, argument, (*slot)->span);

		if (used)
			node_replace(slot, used);
		return;
	}
	macro = expansion_match(e->c, name, NULL, &is_named);
	if (macro)
		expand_call(e, slot, macro, NULL);
	else if (is_named && !builtin_find(e->c, name, NULL))
		expansion_report_mismatch(e->c, (*slot)->span, name, NULL);
}

/* A parameter that is assigned to is to be a variable or a map. */
static void check_target(struct expander *e, struct node *target)
{
	const char *name;

	if (target->kind != NODE_IDENTIFIER)
		return;
	name = node_identifier(target)->name;
	if (!find_argument(e, name))
		return;
	diag_error(e->c->diags, target->span,
		"the parameter %s is an expression, which cannot be assigned to", name);
	diag_hint(e->c->diags, "a parameter $%s takes a variable, @%s a map", name, name);
}

/* Names of members are none of the script's. */
static bool move_span(struct node *node, void *context)
{
	const struct expander *e = context;

	if (e->call)
		node->span.source = e->call->source;
	return true;
}

/* A parameter stands for the type of its argument, or for the type that this names. */
static void expand_type(struct expander *e, struct type *type)
{
	const struct macro_argument *argument = type->keyword ? NULL : find_argument(e, type->name);
	struct node *used = argument ? use_argument(e, argument, type->node.span) : NULL;

	if (!argument) {
		node_slots(&type->node, expand_list, e);
	} else if (used && used->kind == NODE_IDENTIFIER) {
		type->name = node_identifier(used)->name;
	} else if (used) {
		type->name = NULL;
		type->of = used;
	}
}

static void expand_node(struct expander *e, struct node **slot)
{
	struct node *node = *slot;

	if (e->call)
		node->span.source = e->call->source;
	switch (node->kind) {
	case NODE_IDENTIFIER: expand_word(e, slot); break;
	case NODE_CALL: expand_function(e, slot); break;
	case NODE_OFFSETOF:
		expand_list(&node_offset_of(node)->operand, e);
		node_walk(node_offset_of(node)->path, move_span, e);
		break;
	case NODE_TYPE: expand_type(e, node_type(node)); break;
	case NODE_ASSIGN:
		check_target(e, node_assign(node)->target);
		node_slots(node, expand_list, e);
		break;
	case NODE_UNARY:
		if (node_unary(node)->op >= OPERATOR_PRE_INCREMENT)
			check_target(e, node_unary(node)->operand);
		node_slots(node, expand_list, e);
		break;
	default: node_slots(node, expand_list, e);
	}
}

static void expand_list(struct node **slot, void *context)
{
	struct expander *e = context;

	e->level++;
	for (; *slot && !e->stopped; slot = &(*slot)->next)
		expand_node(e, slot);
	e->level--;
}

static bool has_macros(const struct compilation *c)
{
	struct node *node;

	node_for_each (c->program->definitions, node) {
		if (node->kind == NODE_MACRO)
			return true;
	}
	return false;
}

void expand_macros(struct compilation *c)
{
	struct expander expander = {.c = c};
	struct node *probe;

	if (!has_macros(c))
		return;
	expansion_check(c);
	node_for_each (c->program->probes, probe) {
		expand_list(&node_probe(probe)->filter, &expander);
		expand_list(&node_probe(probe)->body, &expander);
	}
}
