/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every name stands for. After this pass each VARIABLE has its variable, each MAP its map,
 * each CALL and each IDENTIFIER left its builtin (mode words of calls, as boot in nsecs(boot), have
 * none); enum constants have become numbers. What can be said of a construct without types is said
 * here: a builtin in a probe that does not have it, a call without a value used as one, an
 * aggregation that goes nowhere.
 *
 * A variable that is just assigned to belongs to the whole block of the probe, from there on,
 * however deep the assignment stands in ifs and loops. One declared by `let` ends with the braces
 * around it; no name may be declared while another variable of that name is there.
 */
#include "bind.h"

#include <string.h>

#include "constant.h"
#include "prototype.h"

/* Variables declared by let between two braces. */
struct scope {
	struct scope *outer;
	size_t first; /* in struct resolver's declared */
};

/* The first place where a map is used that may turn out never to be written. */
struct map_read {
	struct map *map;
	struct span span;
};

struct resolver {
	struct compilation *c;
	struct unit *unit;
	VEC(struct variable *) declared; /* by let, innermost last */
	VEC(struct variable *) assigned; /* without let: of the whole block */
	VEC(struct map_read) reads;
};

/* How the parent uses a node. */
enum use {
	USE_VALUE,
	USE_STATEMENT, /* the value is not looked at */
	USE_MAP_VALUE, /* right side of an assignment to a map */
};

static void resolve(struct resolver *r, struct node **slot, enum use use);

static void not_yet(struct resolver *r, const struct node *node, const char *what)
{
	diag_error(r->c->diags, node->span, "%s: not available yet", what);
}

/* --- variables --- */

static struct variable *find_variable(struct resolver *r, const char *name)
{
	for (size_t i = r->declared.count; i--;) {
		if (strcmp(r->declared.items[i]->name, name) == 0)
			return r->declared.items[i];
	}
	for (size_t i = 0; i < r->assigned.count; i++) {
		if (strcmp(r->assigned.items[i]->name, name) == 0)
			return r->assigned.items[i];
	}
	return NULL;
}

static struct variable *add_variable(struct resolver *r, const struct variable_use *use)
{
	struct variable *variable = arena_new(r->c->arena, struct variable);

	variable->name = use->name;
	variable->declared = use->node.span;
	vec_push(&r->unit->variables, variable);
	return variable;
}

static void suggest_variable(struct resolver *r, const char *name)
{
	struct suggestion suggestion = suggest_start(name + 1);

	for (size_t i = 0; i < r->declared.count; i++)
		suggest_offer(&suggestion, r->declared.items[i]->name + 1);
	for (size_t i = 0; i < r->assigned.count; i++) {
		if (r->assigned.items[i]->assigned)
			suggest_offer(&suggestion, r->assigned.items[i]->name + 1);
	}
	if (suggestion.best)
		diag_hint(r->c->diags, "did you mean '$%s'?", suggestion.best);
}

/* The first complaint makes the name known, so that there is one per name. */
static void read_variable(struct resolver *r, struct variable_use *use)
{
	use->variable = find_variable(r, use->name);
	if (use->variable)
		return;
	diag_error(r->c->diags, use->node.span, "Undefined or undeclared variable: %s", use->name);
	suggest_variable(r, use->name);
	use->variable = add_variable(r, use);
	vec_push(&r->assigned, use->variable);
}

static void assign_variable(struct resolver *r, struct variable_use *use)
{
	use->variable = find_variable(r, use->name);
	if (!use->variable) {
		use->variable = add_variable(r, use);
		vec_push(&r->assigned, use->variable);
	}
	use->variable->assigned = true;
}

static void declare_variable(struct resolver *r, struct let *let)
{
	struct variable_use *use = node_variable_use(let->variable);

	if (find_variable(r, use->name)) {
		diag_error(
			r->c->diags, use->node.span, "Variable %s was already declared", use->name);
		diag_hint(r->c->diags, "a variable cannot hide another one of its name");
	}
	use->variable = add_variable(r, use);
	use->variable->assigned = let->value != NULL;
	vec_push(&r->declared, use->variable);
}

/* --- maps --- */

static struct map *find_map(struct compilation *c, const char *name, struct span span)
{
	struct map **slot = (struct map **)hashmap_text_slot(&c->maps_by_name, name);

	if (!*slot) {
		struct map *map = arena_new(c->arena, struct map);

		map->name = name;
		map->symbol = arena_printf(c->arena, "AT_%s", name + 1);
		map->index = (uint32_t)c->maps.count;
		map->declared = span;
		vec_push(&c->maps, map);
		*slot = map;
	}
	return *slot;
}

/* Notes whether a map has keys; the first use decides. */
static void note_keyed(struct resolver *r, struct map *map, struct span span, bool keyed)
{
	if (!map->has_use) {
		map->has_use = true;
		map->keyed = keyed;
	} else if (map->keyed != keyed) {
		diag_error(r->c->diags, span,
			keyed ? "%s is used with a key here, but without one elsewhere"
			      : "%s is used without a key here, but with one elsewhere",
			map->name);
	}
}

static void resolve_map(struct resolver *r, struct map_access *access, bool writes)
{
	struct map *map = find_map(r->c, access->name, access->node.span);

	access->map = map;
	note_keyed(r, map, access->node.span, access->key != NULL);
	if (access->key)
		resolve(r, &access->key, USE_VALUE);
	if (writes)
		map->assigned = true;
	else
		vec_push(&r->reads, ((struct map_read){map, access->node.span}));
}

/* @x as a whole, as in print(@x): says nothing about its keys. */
static void resolve_whole_map(struct resolver *r, struct map_access *access)
{
	access->map = find_map(r->c, access->name, access->node.span);
	vec_push(&r->reads, ((struct map_read){access->map, access->node.span}));
}

static void report_unwritten(struct resolver *r)
{
	struct map_read *read;

	vec_for_each (&r->reads, read) {
		struct suggestion suggestion = suggest_start(read->map->name + 1);
		struct map **map;

		if (read->map->assigned)
			continue;
		diag_error(r->c->diags, read->span, "Undefined map: %s", read->map->name);
		vec_for_each (&r->c->maps, map) {
			if ((*map)->assigned)
				suggest_offer(&suggestion, (*map)->name + 1);
		}
		if (suggestion.best)
			diag_hint(r->c->diags, "did you mean '@%s'?", suggestion.best);
		read->map->assigned = true; /* one complaint per map */
	}
}

/* --- builtins --- */

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
	builtin_find(r->c, identifier->name, &suggestion);
	diag_error(r->c->diags, (*slot)->span, "Unknown identifier: %s", identifier->name);
	if (suggestion.best)
		diag_hint(r->c->diags, "did you mean '%s'?", suggestion.best);
}

static void resolve_identifier(struct resolver *r, struct node **slot)
{
	struct identifier *identifier = node_identifier(*slot);
	const struct builtin *builtin = builtin_find(r->c, identifier->name, NULL);

	if (!builtin) {
		resolve_constant(r, slot);
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
	if (call->builtin && !is_callable(call->builtin)) {
		diag_error(r->c->diags, call->node.span, "%s is not a function", call->name);
		diag_hint(r->c->diags, "leave out the parentheses");
		call->builtin = NULL;
		return;
	}
	if (!call->builtin) {
		diag_error(r->c->diags, call->node.span, "Unknown function: %s", call->name);
		if (suggestion.best)
			diag_hint(r->c->diags, "did you mean '%s'?", suggestion.best);
		return;
	}
	check_context(r, call->node.span, call->name, call->builtin);
}

static void check_use(struct resolver *r, const struct call *call, enum use use)
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

/* What must be constant may be calculated; rows see one INTEGER. */
static void fold(struct resolver *r, struct node **slot)
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
		resolve_whole_map(r, node_map_access(argument));
	else
		resolve(r, slot, USE_VALUE);
	if (builtin && prototype_any_is(builtin, index, PARAMETER_CONST_INT))
		fold(r, slot);
	if (builtin && index && prototype_any_is(builtin, index, PARAMETER_KEY) &&
		call->arguments->kind == NODE_MAP)
		note_keyed(r, node_map_access(call->arguments)->map, call->arguments->span, true);
}

static void resolve_call(struct resolver *r, struct call *call, enum use use)
{
	size_t index = 0;

	find_function(r, call);
	if (call->builtin)
		check_use(r, call, use);
	for (struct node **slot = &call->arguments; *slot; slot = &(*slot)->next)
		resolve_argument(r, call, slot, index++);
}

/* --- statements and expressions --- */

/* What stands on the left of an assignment, or under ++ and --. */
static void resolve_target(struct resolver *r, struct node **slot, bool reads_too)
{
	switch ((*slot)->kind) {
	case NODE_VARIABLE:
		if (reads_too)
			read_variable(r, node_variable_use(*slot));
		else
			assign_variable(r, node_variable_use(*slot));
		break;
	case NODE_MAP: resolve_map(r, node_map_access(*slot), true); break;
	default: /* what cannot be assigned to: check_flow says so */ resolve(r, slot, USE_VALUE);
	}
}

static void resolve_assignment(struct resolver *r, struct assign *assign)
{
	bool to_map = assign->target->kind == NODE_MAP && assign->op == OPERATOR_NONE;

	/* The value first: $x = $x + 1 does not define the $x that it reads. */
	resolve(r, &assign->value, to_map ? USE_MAP_VALUE : USE_VALUE);
	resolve_target(r, &assign->target, assign->op != OPERATOR_NONE);
}

static bool is_step(const struct unary *unary)
{
	return unary->op == OPERATOR_PRE_INCREMENT || unary->op == OPERATOR_PRE_DECREMENT ||
	       unary->op == OPERATOR_POST_INCREMENT || unary->op == OPERATOR_POST_DECREMENT;
}

static void resolve_list(struct resolver *r, struct node **slot, enum use use)
{
	for (; *slot; slot = &(*slot)->next)
		resolve(r, slot, use);
}

static void resolve_block(struct resolver *r, struct node **statements)
{
	size_t declared = r->declared.count;

	resolve_list(r, statements, USE_STATEMENT);
	r->declared.count = declared;
}

static void resolve_let(struct resolver *r, struct let *let)
{
	if (let->value)
		resolve(r, &let->value, USE_VALUE);
	declare_variable(r, let);
}

static void resolve_if(struct resolver *r, struct if_statement *statement)
{
	resolve(r, &statement->condition, USE_VALUE);
	if (statement->then)
		resolve(r, &statement->then, USE_STATEMENT);
	if (statement->otherwise)
		resolve(r, &statement->otherwise, USE_STATEMENT);
}

static void resolve_ternary(struct resolver *r, struct ternary *ternary, enum use use)
{
	enum use arm = use == USE_STATEMENT ? USE_STATEMENT : USE_VALUE;

	resolve(r, &ternary->condition, USE_VALUE);
	resolve(r, &ternary->then, arm);
	resolve(r, &ternary->otherwise, arm);
}

/* true and false are the numbers that comparisons yield. */
static void resolve_boolean(struct resolver *r, struct node **slot)
{
	struct node *number = constant_new(r->c, (*slot)->span, node_boolean(*slot)->value);

	number->next = (*slot)->next;
	*slot = number;
}

/* sizeof(name): a type when no value has the name. */
static void resolve_sized(struct resolver *r, struct node **slot)
{
	struct identifier *identifier;
	struct type *type;

	if ((*slot)->kind == NODE_TYPE)
		return;
	if ((*slot)->kind != NODE_IDENTIFIER) {
		resolve(r, slot, USE_VALUE);
		return;
	}
	identifier = node_identifier(*slot);
	if (builtin_find(r->c, identifier->name, NULL) ||
		!types_find(r->c->types, NULL, identifier->name)) {
		resolve(r, slot, USE_VALUE);
		return;
	}
	type = new_type(r->c->arena, (*slot)->span);
	type->name = identifier->name;
	*slot = &type->node;
}

static void resolve_child(struct node **slot, void *context)
{
	resolve_list(context, slot, USE_VALUE);
}

static void resolve(struct resolver *r, struct node **slot, enum use use)
{
	struct node *node = *slot;

	switch (node->kind) {
	case NODE_BLOCK: resolve_block(r, &node_block(node)->statements); break;
	case NODE_ASSIGN: resolve_assignment(r, node_assign(node)); break;
	case NODE_LET: resolve_let(r, node_let(node)); break;
	case NODE_IF: resolve_if(r, node_if_statement(node)); break;
	case NODE_WHILE:
		resolve(r, &node_while_loop(node)->condition, USE_VALUE);
		resolve(r, &node_while_loop(node)->body, USE_STATEMENT);
		break;
	case NODE_UNROLL:
		resolve(r, &node_unroll(node)->count, USE_VALUE);
		resolve(r, &node_unroll(node)->body, USE_STATEMENT);
		break;
	case NODE_BOOLEAN: resolve_boolean(r, slot); break;
	case NODE_IDENTIFIER: resolve_identifier(r, slot); break;
	case NODE_VARIABLE: read_variable(r, node_variable_use(node)); break;
	case NODE_MAP: resolve_map(r, node_map_access(node), false); break;
	case NODE_CALL: resolve_call(r, node_call(node), use); break;
	case NODE_UNARY:
		if (is_step(node_unary(node)))
			resolve_target(r, &node_unary(node)->operand, true);
		else
			resolve(r, &node_unary(node)->operand, USE_VALUE);
		break;
	case NODE_TERNARY: resolve_ternary(r, node_ternary(node), use); break;
	case NODE_CAST: resolve(r, &node_cast(node)->operand, USE_VALUE); break;
	case NODE_SIZEOF: resolve_sized(r, &node_size_of(node)->operand); break;
	case NODE_OFFSETOF: resolve_sized(r, &node_offset_of(node)->operand); break;
	case NODE_FOR: not_yet(r, node, "for"); break;
	case NODE_RANGE: not_yet(r, node, "ranges"); break;
	case NODE_RECORD: not_yet(r, node, "tuples with names"); break;
	case NODE_BLOCK_EXPRESSION: not_yet(r, node, "blocks with a value"); break;
	default: /* no name of its own: JUMP, BINARY, MEMBER, INDEX, TUPLE, literals … */
		node_slots(node, resolve_child, r);
	}
}

static void check_definitions(struct resolver *r)
{
	struct node *definition;

	node_for_each (r->c->program->definitions, definition) {
		switch (definition->kind) {
		case NODE_IMPORT: not_yet(r, definition, "import"); break;
		case NODE_MAP_DECLARATION: not_yet(r, definition, "declaring maps"); break;
		case NODE_MACRO: not_yet(r, definition, "macro"); break;
		case NODE_FUNCTION: not_yet(r, definition, "fn"); break;
		default: break;
		}
	}
}

void scope_resolve(struct compilation *c)
{
	struct resolver resolver = {.c = c};
	struct unit **unit;

	check_definitions(&resolver);
	vec_for_each (&c->units, unit) {
		struct probe *probe = (*unit)->probe;

		resolver.unit = *unit;
		resolver.declared.count = resolver.assigned.count = 0;
		if (probe->filter)
			resolve(&resolver, &probe->filter, USE_VALUE);
		if (probe->body)
			resolve(&resolver, &probe->body, USE_STATEMENT);
	}
	report_unwritten(&resolver);
	vec_deinit(&resolver.declared);
	vec_deinit(&resolver.assigned);
	vec_deinit(&resolver.reads);
}
