/* SPDX-License-Identifier: Apache-2.0 */
/* Builtins: which row a word or a call means, and whether it may stand there. */
#include "scope.h"

#include <string.h>

#include "constant.h"
#include "prototype.h"

static bool is_allowed(const struct resolver *r, const struct builtin *builtin)
{
	return !builtin->contexts || builtin->contexts & CONTEXT_BIT(r->unit->context);
}

static void check_context(
	struct resolver *r, struct span span, const char *name, const struct builtin *builtin)
{
	if (is_allowed(r, builtin))
		return;
	if (builtin->kind == BUILTIN_VARIABLE) {
		diag_error(r->c->diags, span, "The %s builtin can only be used with %s", name,
			builtin->where);
		return;
	}
	diag_error(r->c->diags, span, "%s can not be used with \"%s\" probes", name,
		r->unit->matches.items[0].type->name);
	diag_hint(r->c->diags, "it can be used with %s", builtin->where);
}

/* Macros and functions of the script are refused where they are defined. */
static bool is_of_script(const struct compilation *c, const char *name)
{
	struct node *node;

	node_for_each (c->program->definitions, node) {
		if (node->kind == NODE_MACRO && strcmp(node_macro(node)->name, name) == 0)
			return true;
		if (node->kind == NODE_FUNCTION && strcmp(node_function(node)->name, name) == 0)
			return true;
	}
	return false;
}

/* An enum constant becomes its number; any other unknown word is an error. */
static void resolve_constant(struct resolver *r, struct node **slot)
{
	struct identifier *identifier = node_identifier(*slot);
	struct suggestion suggestion;
	uint32_t type;
	uint64_t value;

	if (types_enumerator(r->c->types, identifier->name, &type, &value)) {
		struct node *number = constant_new(r->c, (*slot)->span, (int64_t)value);

		number->next = (*slot)->next;
		*slot = number;
		return;
	}
	if (is_of_script(r->c, identifier->name))
		return;
	builtin_find(r->c, identifier->name, &suggestion);
	diag_error(r->c->diags, (*slot)->span, "Unknown identifier: %s", identifier->name);
	if (suggestion.best)
		diag_hint(r->c->diags, "did you mean '%s'?", suggestion.best);
}

void scope_identifier(struct resolver *r, struct node **slot)
{
	struct identifier *identifier = node_identifier(*slot);
	const struct builtin *builtin = builtin_find(r->c, identifier->name, NULL);

	if (!builtin) {
		resolve_constant(r, slot);
		return;
	}
	if (builtin->flags & BUILTIN_LATER) {
		scope_not_yet(r, *slot, identifier->name);
		return;
	}
	if (builtin->kind != BUILTIN_VARIABLE) {
		diag_error(r->c->diags, (*slot)->span, "%s is a function", identifier->name);
		diag_hint(r->c->diags, "call it: %s(…)", identifier->name);
		return;
	}
	identifier->builtin = builtin;
	check_context(r, (*slot)->span, identifier->name, builtin);
}

/* Variables may have a form with parentheses too, as nsecs(). */
static bool is_callable(const struct builtin *builtin)
{
	for (size_t i = 0; i < prototype_count(builtin); i++) {
		if (strchr(builtin->prototypes[i], '('))
			return true;
	}
	return false;
}

static void find_function(struct resolver *r, struct call *call)
{
	struct suggestion suggestion;

	call->builtin = builtin_find(r->c, call->name, &suggestion);
	if (call->builtin && call->builtin->flags & BUILTIN_LATER) {
		scope_not_yet(r, &call->node, call->name);
		call->builtin = NULL;
		return;
	}
	if (call->builtin && !is_callable(call->builtin)) {
		diag_error(r->c->diags, call->node.span, "%s is not a function", call->name);
		diag_hint(r->c->diags, "leave out the parentheses");
		call->builtin = NULL;
		return;
	}
	if (!call->builtin && is_of_script(r->c, call->name))
		return;
	if (!call->builtin) {
		diag_error(r->c->diags, call->node.span, "Unknown function: %s", call->name);
		if (suggestion.best)
			diag_hint(r->c->diags, "did you mean '%s'?", suggestion.best);
		return;
	}
	check_context(r, call->node.span, call->name, call->builtin);
}

static void check_use(struct resolver *r, const struct call *call, enum scope_use use)
{
	const struct builtin *builtin = call->builtin;

	if (builtin->kind == BUILTIN_AGGREGATION && use != USE_MAP_VALUE) {
		diag_error(r->c->diags, call->node.span, "%s() should be assigned to a map",
			call->name);
		diag_hint(r->c->diags, "as in @ = %s(…)", call->name);
	} else if (builtin->flags & BUILTIN_STATEMENT && use != USE_STATEMENT) {
		diag_error(r->c->diags, call->node.span,
			"%s() has no value that could be used here", call->name);
	}
}

/* Whether an argument is a word of the parameter's own. */
static bool is_mode(const struct call *call, size_t index, const char *word)
{
	for (size_t i = 0; i < prototype_count(call->builtin); i++) {
		struct prototype prototype = prototype_parse(call->builtin->prototypes[i]);
		const struct parameter *parameter = prototype_parameter(&prototype, index);

		if (parameter && parameter_has_mode(parameter, word))
			return true;
	}
	return false;
}

/* A word where the builtin takes a word, but none of its own, is left to the check of arguments. */
static bool takes_word(const struct call *call, size_t index, const char *word)
{
	return is_mode(call, index, word) || prototype_any_is(call->builtin, index, PARAMETER_MODE);
}

void scope_fold(struct resolver *r, struct node **slot)
{
	struct integer *integer;
	int64_t value;

	if ((*slot)->kind == NODE_INTEGER || !constant_integer(*slot, &value))
		return;
	integer = new_integer(r->c->arena, (*slot)->span);
	integer->value = (uint64_t)value;
	integer->node.next = (*slot)->next;
	*slot = &integer->node;
}

static void resolve_argument(
	struct resolver *r, const struct call *call, struct node **slot, size_t index)
{
	const struct builtin *builtin = call->builtin;
	struct node *argument = *slot;
	bool is_bare_map = argument->kind == NODE_MAP && !node_map_access(argument)->key;

	if (builtin && argument->kind == NODE_IDENTIFIER &&
		!builtin_find(r->c, node_identifier(argument)->name, NULL) &&
		takes_word(call, index, node_identifier(argument)->name))
		return;
	if (builtin && is_bare_map && prototype_any_is(builtin, index, PARAMETER_MAP))
		scope_whole_map(r, node_map_access(argument));
	else
		scope_node(r, slot, USE_VALUE);
	if (builtin && prototype_any_is(builtin, index, PARAMETER_CONST_INT))
		scope_fold(r, slot);
	if (builtin && index && prototype_any_is(builtin, index, PARAMETER_KEY) &&
		call->arguments->kind == NODE_MAP)
		scope_note_keyed(
			r, node_map_access(call->arguments)->map, call->arguments->span, true);
}

void scope_call(struct resolver *r, struct call *call, enum scope_use use)
{
	size_t index = 0;

	find_function(r, call);
	if (call->builtin)
		check_use(r, call, use);
	for (struct node **slot = &call->arguments; *slot; slot = &(*slot)->next)
		resolve_argument(r, call, slot, index++);
}
