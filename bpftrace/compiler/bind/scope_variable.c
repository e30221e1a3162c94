/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which variable a name is. A name that is set inside of braces belongs to them, so blocks side by
 * side can use one name for values of different types. Where it is read behind them, all variables
 * that the braces before had of that name become one, which belongs to the outermost block.
 */
#include <string.h>

#include "scope.h"

struct scope_frame *scope_root(struct resolver *r)
{
	struct scope_frame *frame = arena_new(r->c->arena, struct scope_frame);

	frame->root = frame;
	return frame;
}

void scope_open(struct resolver *r)
{
	struct scope_frame *frame = arena_new(r->c->arena, struct scope_frame);

	frame->outer = r->frame;
	frame->root = r->frame->root;
	r->frame = frame;
}

void scope_close(struct resolver *r)
{
	struct scope_frame *frame = r->frame;

	for (const struct scope_name *name = frame->names; name; name = name->next) {
		struct scope_name *closed;

		if (name->is_declared)
			continue;
		closed = arena_memdup(r->c->arena, name, sizeof(*name));
		closed->next = frame->root->closed;
		frame->root->closed = closed;
	}
	r->frame = frame->outer;
}

static struct scope_name *find(struct scope_name *first, const char *name)
{
	while (first && strcmp(first->name, name) != 0)
		first = first->next;
	return first;
}

static struct variable *joined(struct variable *variable)
{
	while (variable->joined)
		variable = variable->joined;
	return variable;
}

static struct variable *find_visible(const struct resolver *r, const char *name)
{
	for (const struct scope_frame *frame = r->frame; frame; frame = frame->outer) {
		const struct scope_name *found = find(frame->names, name);

		if (found)
			return found->variable ? joined(found->variable) : NULL;
	}
	return NULL;
}

static struct scope_name *add_name(
	struct resolver *r, struct scope_frame *frame, const char *text, struct variable *variable)
{
	struct scope_name *name = arena_new(r->c->arena, struct scope_name);

	name->name = text;
	name->variable = variable;
	name->next = frame->names;
	frame->names = name;
	return name;
}

struct scope_name *scope_add_alias(struct resolver *r, struct scope_frame *frame, const char *text)
{
	struct scope_name *name = add_name(r, frame, text, NULL);

	name->is_declared = true;
	return name;
}

struct map *scope_aliased_map(const struct resolver *r, const char *name)
{
	const struct scope_name *alias = find(r->frame->root->names, name);

	return alias ? alias->map : NULL;
}

static struct variable *new_variable(struct resolver *r, const struct variable_use *use)
{
	struct variable *variable = arena_new(r->c->arena, struct variable);

	variable->name = use->name;
	variable->declared = use->node.span;
	vec_push(&r->unit->variables, variable);
	return variable;
}

/* --- variables that become one --- */

static void join(struct resolver *r, struct variable *variable, struct variable *with)
{
	variable = joined(variable);
	if (variable == with)
		return;
	variable->joined = with;
	with->assigned |= variable->assigned;
	r->joins = true;
}

/* The variable that those of ended braces become; NULL when there were none. */
static struct variable *reopen(struct resolver *r, const char *name)
{
	struct scope_frame *root = r->frame->root;
	struct scope_name **slot = &root->closed;
	struct variable *variable = NULL;

	while (*slot) {
		struct scope_name *closed = *slot;

		if (strcmp(closed->name, name) != 0) {
			slot = &closed->next;
			continue;
		}
		if (variable)
			join(r, closed->variable, variable);
		else
			variable = joined(closed->variable);
		*slot = closed->next;
	}
	if (variable)
		add_name(r, root, name, variable);
	return variable;
}

static bool visit_joined(struct node *node, void *context _unused_)
{
	if (node->kind == NODE_VARIABLE && node_variable_use(node)->variable)
		node_variable_use(node)->variable = joined(node_variable_use(node)->variable);
	return true;
}

void scope_join_variables(struct resolver *r)
{
	size_t kept = 0;

	if (!r->joins)
		return;
	r->joins = false;
	node_walk(&r->unit->probe->node, visit_joined, NULL);
	for (size_t i = 0; i < r->unit->variables.count; i++) {
		struct variable *variable = r->unit->variables.items[i];

		if (!variable->joined)
			r->unit->variables.items[kept++] = variable;
	}
	r->unit->variables.count = kept;
}

/* --- uses --- */

static void offer(struct suggestion *suggestion, const struct scope_name *name)
{
	for (; name; name = name->next) {
		if (name->variable && (name->variable->assigned || name->is_declared))
			suggest_offer(suggestion, name->name + 1);
	}
}

static void suggest_variable(struct resolver *r, const char *name)
{
	struct suggestion suggestion = suggest_start(name + 1);

	for (const struct scope_frame *frame = r->frame; frame; frame = frame->outer)
		offer(&suggestion, frame->names);
	offer(&suggestion, r->frame->root->closed);
	if (suggestion.best)
		diag_hint(r->c->diags, "did you mean '$%s'?", suggestion.best);
}

/* The first complaint makes the name known, so that there is one per name. */
void scope_read_variable(struct resolver *r, struct variable_use *use)
{
	struct variable *variable = find_visible(r, use->name);

	if (!variable)
		variable = reopen(r, use->name);
	if (!variable) {
		diag_error(r->c->diags, use->node.span, "Undefined or undeclared variable: %s",
			use->name);
		diag_one_cause(r->c->diags);
		if (r->frame->root->caller)
			diag_hint(r->c->diags,
				"a macro sees only its own variables and its parameters");
		else
			suggest_variable(r, use->name);
		variable = new_variable(r, use);
		add_name(r, r->frame->root, use->name, variable);
	}
	use->variable = variable;
}

struct variable *scope_passed_variable(struct resolver *r, const struct variable_use *use)
{
	struct variable *variable = find_visible(r, use->name);

	if (!variable)
		variable = reopen(r, use->name);
	if (!variable) {
		variable = new_variable(r, use);
		add_name(r, r->frame, use->name, variable);
	}
	return variable;
}

void scope_assign_variable(struct resolver *r, struct variable_use *use)
{
	struct variable *variable = find_visible(r, use->name);

	if (!variable) {
		variable = new_variable(r, use);
		add_name(r, r->frame, use->name, variable);
	}
	use->variable = variable;
	variable->assigned = true;
}

void scope_declare_variable(struct resolver *r, struct variable_use *use)
{
	const struct variable *other = find_visible(r, use->name);

	if (other) {
		diag_error(
			r->c->diags, use->node.span, "Variable %s was already declared", use->name);
		diag_hint(r->c->diags, "a variable cannot hide another one of its name");
		diag_note(r->c->diags, other->declared, "%s begins here", use->name);
	}
	use->variable = new_variable(r, use);
	use->variable->loop = r->loop;
	if (!other)
		add_name(r, r->frame, use->name, use->variable)->is_declared = true;
}
