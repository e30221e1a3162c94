/* SPDX-License-Identifier: Apache-2.0 */
/* The table of maps, and the fields of records. */
#include "scope.h"

static struct map *find_map(struct compilation *c, const char *name, struct span span)
{
	struct map **slot = (struct map **)hashmap_text_slot(&c->maps_by_name, name);

	if (!*slot) {
		struct map *map = arena_new(c->arena, struct map);

		map->name = name;
		map->symbol = arena_printf(c->arena, "AT_%s", name + 1);
		map->index = (uint32_t)c->maps.count;
		map->declared = span;
		scope_apply_declaration(c, map);
		vec_push(&c->maps, map);
		*slot = map;
	}
	return *slot;
}

struct map *scope_find_map(struct resolver *r, struct map_access *access)
{
	struct map *map = scope_aliased_map(r, access->name);

	if (map) {
		access->name = map->name;
		return map;
	}
	if (r->frame->root->caller) {
		diag_error(r->c->diags, access->node.span,
			"the macro was not called with the map %s", access->name);
		diag_one_cause(r->c->diags);
		diag_hint(r->c->diags, "make it a parameter: macro name(%s) { … }", access->name);
	}
	return find_map(r->c, access->name, access->node.span);
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
	struct map *map = scope_find_map(r, access);

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
	access->map = scope_find_map(r, access);
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

static bool is_field_before(const struct record *record, const struct node *field, const char *name)
{
	for (struct node *node = record->fields; node != field; node = node->next) {
		if (strcmp(node_record_field(node)->name, name) == 0)
			return true;
	}
	return false;
}

void scope_record(struct resolver *r, struct record *record)
{
	struct node *node;

	node_for_each (record->fields, node) {
		struct record_field *field = node_record_field(node);

		if (is_field_before(record, node, field->name))
			diag_error(r->c->diags, node->span, "this record has two fields named '%s'",
				field->name);
		scope_node(r, &field->value, USE_VALUE);
	}
}
