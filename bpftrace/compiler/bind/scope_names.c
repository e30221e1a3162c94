/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of variables and maps. */
#include "scope.h"

#include <string.h>

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
void scope_read_variable(struct resolver *r, struct variable_use *use)
{
	struct variable *variable = find_variable(r, use->name);

	if (!variable) {
		diag_error(r->c->diags, use->node.span, "Undefined or undeclared variable: %s",
			use->name);
		diag_one_cause(r->c->diags);
		suggest_variable(r, use->name);
		variable = add_variable(r, use);
		vec_push(&r->assigned, variable);
	}
	use->variable = variable;
}

void scope_assign_variable(struct resolver *r, struct variable_use *use)
{
	struct variable *variable = find_variable(r, use->name);

	if (!variable) {
		variable = add_variable(r, use);
		vec_push(&r->assigned, variable);
	}
	use->variable = variable;
	variable->assigned = true;
}

void scope_declare_variable(struct resolver *r, struct variable_use *use)
{
	if (find_variable(r, use->name)) {
		diag_error(
			r->c->diags, use->node.span, "Variable %s was already declared", use->name);
		diag_hint(r->c->diags, "a variable cannot hide another one of its name");
	}
	use->variable = add_variable(r, use);
	use->variable->loop = r->loop;
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

void scope_note_keyed(struct resolver *r, struct map *map, struct span span, bool keyed)
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

void scope_map(struct resolver *r, struct map_access *access, bool writes)
{
	struct map *map = find_map(r->c, access->name, access->node.span);

	access->map = map;
	scope_note_keyed(r, map, access->node.span, access->key != NULL);
	if (access->key)
		scope_node(r, &access->key, USE_VALUE);
	if (writes)
		map->assigned = true;
	else
		vec_push(&r->reads, ((struct scope_map_read){map, access->node.span}));
}

void scope_whole_map(struct resolver *r, struct map_access *access)
{
	access->map = find_map(r->c, access->name, access->node.span);
	vec_push(&r->reads, ((struct scope_map_read){access->map, access->node.span}));
}

void scope_report_unwritten(struct resolver *r)
{
	struct scope_map_read *read;

	vec_for_each (&r->reads, read) {
		struct suggestion suggestion = suggest_start(read->map->name + 1);
		struct map **map;

		if (read->map->assigned)
			continue;
		diag_error(r->c->diags, read->span, "Undefined map: %s", read->map->name);
		diag_one_cause(r->c->diags);
		vec_for_each (&r->c->maps, map) {
			if ((*map)->assigned)
				suggest_offer(&suggestion, (*map)->name + 1);
		}
		if (suggestion.best)
			diag_hint(r->c->diags, "did you mean '@%s'?", suggestion.best);
		read->map->assigned = true; /* one complaint per map */
	}
}
