/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations of maps, let @x = lruhash(100): what is wrong with them, and what they say of a map.
 */
#include "scope.h"

#include <inttypes.h>
#include <string.h>

#include "constant.h"

enum {
	LIMIT_MOST = 1 << 27, /* as max_map_keys in door/config.def */
};

static const struct {
	const char *name;
	enum map_kind kind;
} kinds[] = {
	{"hash", MAP_HASH},
	{"lruhash", MAP_LRU_HASH},
	{"percpuhash", MAP_PER_CPU_HASH},
	{"percpulruhash", MAP_LRU_PER_CPU_HASH},
};

static enum map_kind kind_of(const struct map_declaration *declaration)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].name, declaration->kind) == 0)
			return kinds[i].kind;
	}
	return MAP_UNDECLARED;
}

/* The first declaration of the name; NULL. */
static struct map_declaration *find_declaration(const struct compilation *c, const char *name)
{
	struct node *node;

	node_for_each (c->program->definitions, node) {
		if (node->kind == NODE_MAP_DECLARATION &&
			strcmp(node_map_declaration(node)->name, name) == 0)
			return node_map_declaration(node);
	}
	return NULL;
}

static bool find_limit(const struct map_declaration *declaration, int64_t *ret)
{
	return declaration->limit && declaration->limit->kind == NODE_INTEGER &&
	       constant_integer(declaration->limit, ret) && *ret > 0 && *ret <= LIMIT_MOST;
}

static void check_kind(struct resolver *r, struct map_declaration *declaration)
{
	struct suggestion suggestion = suggest_start(declaration->kind);

	if (kind_of(declaration))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		suggest_offer(&suggestion, kinds[i].name);
	diag_error(
		r->c->diags, declaration->node.span, "Unknown kind of map: %s", declaration->kind);
	if (suggestion.best)
		diag_hint(r->c->diags, "did you mean '%s'?", suggestion.best);
	else
		diag_hint(r->c->diags, "maps are hash, lruhash, percpuhash or percpulruhash");
}

void scope_check_declaration(struct resolver *r, struct node *node)
{
	struct map_declaration *declaration = node_map_declaration(node);
	struct map_declaration *first = find_declaration(r->c, declaration->name);
	int64_t limit;

	check_kind(r, declaration);
	if (!find_limit(declaration, &limit)) {
		diag_error(r->c->diags, declaration->limit ? declaration->limit->span : node->span,
			"%s: the most elements must be a number from 1 to %d", declaration->name,
			LIMIT_MOST);
		diag_hint(r->c->diags, "as in let %s = lruhash(1000);", declaration->name);
	}
	if (first != declaration) {
		diag_error(r->c->diags, node->span, "%s is declared twice", declaration->name);
		diag_note(r->c->diags, first->node.span, "the first declaration");
	}
}

void scope_apply_declaration(const struct compilation *c, struct map *map)
{
	struct map_declaration *declaration = find_declaration(c, map->name);
	int64_t limit;

	if (!declaration || !find_limit(declaration, &limit))
		return;
	map->kind = kind_of(declaration);
	map->limit = (uint32_t)limit;
	map->declared = declaration->node.span;
}

void scope_report_unused(struct resolver *r)
{
	struct node *node;

	if (r->c->diags->errors)
		return;
	node_for_each (r->c->program->definitions, node) {
		if (node->kind != NODE_MAP_DECLARATION)
			continue;

		const char *name = node_map_declaration(node)->name;

		if (!*hashmap_text_slot(&r->c->maps_by_name, name))
			diag_warning(r->c->diags, node->span, "Unused map: %s", name);
	}
}
