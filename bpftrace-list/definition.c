/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares all types, since names are not unique: a module can have a struct of the same name as
 * the kernel. Modules are opened only when the kernel lacks the type, or for wildcards.
 */
#include "definition.h"

#include <errno.h>
#include <string.h>

#include "declaration.h"
#include "layout.h"
#include "listing.h"

static const struct row {
	const char *keyword;
	uint32_t kinds;
} rows[] = {
	{"struct", 1u << BTF_KIND_STRUCT},
	{"union", 1u << BTF_KIND_UNION},
	{"enum", 1u << BTF_KIND_ENUM | 1u << BTF_KIND_ENUM64},
	{"typedef", 1u << BTF_KIND_TYPEDEF},
};

/* The search for a pattern. */
struct wanted {
	const struct row *row;
	const char *name; /* with '*' */
	bool several;
	struct suggestion nearest;
	size_t found;
};

static const struct row *row_of(const char *pattern)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t size = strlen(rows[i].keyword);

		if (strncmp(pattern, rows[i].keyword, size) == 0 && pattern[size] == ' ')
			return &rows[i];
	}
	return NULL;
}

bool definition_is_keyword(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].keyword, word) == 0)
			return true;
	}
	return false;
}

bool definition_is(const char *pattern)
{
	return row_of(pattern) != NULL;
}

static struct error *show_type(
	struct listing *listing, struct source *source, uint32_t id, struct definition *definition)
{
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_(layout_deinit) struct layout layout = {};
	struct error *error = layout_make(&source->declarator, id, &listing->arena, &layout);

	if (error)
		return error;
	if (layout.lines.count == 0)
		error = declaration_write(&source->declarator, id, &text);
	else if (listing->detail >= DETAIL_LAYOUT)
		layout_write(&layout, &text);
	else
		layout_write_plain(&layout, &text);
	if (error)
		return error;
	definition->text = str_text(&text);
	definition->layout = &layout;
	listing->output->type(definition);
	return NULL;
}

static struct error *found(struct listing *listing, struct source *source, uint32_t id,
	const char *name, struct wanted *wanted)
{
	struct definition definition = {
		.name = arena_printf(&listing->arena, "%s %s", wanted->row->keyword, name),
		.module = source->module,
	};

	wanted->found++;
	if (listing->detail > DETAIL_NAMES || !wanted->several) {
		/* The key differs from that of a name, so that a type is shown also after its name.
		 */
		const char *shown = arena_printf(&listing->arena, "%s {", definition.name);

		return listing_is_new(listing, shown) ? show_type(listing, source, id, &definition)
						      : NULL;
	}
	if (listing_is_new(listing, definition.name))
		listing->output->type(&definition);
	return NULL;
}

static struct error *search(struct listing *listing, struct source *source, struct wanted *wanted)
{
	struct error *error = NULL;

	for (uint32_t id = source->first; !error && id < btf__type_cnt(source->btf); id++) {
		const struct btf_type *type = btf__type_by_id(source->btf, id);
		const char *name = btf__name_by_offset(source->btf, type->name_off);

		if (!(wanted->row->kinds & (1u << btf_kind(type))) || !name || !*name)
			continue;
		suggest_offer(&wanted->nearest, name);
		if (spec_wildcard(wanted->name, name))
			error = found(listing, source, id, name, wanted);
	}
	return error;
}

/* Searches the first source, and modules when that is not enough. */
static struct error *search_all(struct listing *listing, struct wanted *wanted)
{
	struct sources *sources = &listing->sources;
	struct error *error = NULL;

	if (sources->items.count == 0)
		error = listing->types_file ? sources_add_file(sources, listing->types_file,
						      listing->world.kbtf)
					    : sources_add_kernel(sources, listing->world.kbtf);
	if (!error)
		error = search(listing, &sources->items.items[0], wanted);
	if (error || listing->types_file || (wanted->found > 0 && !wanted->several))
		return error;
	if (sources->items.count == 1)
		sources_add_modules(sources, listing->world.kbtf);
	for (size_t i = 1; !error && i < sources->items.count; i++)
		error = search(listing, &sources->items.items[i], wanted);
	return error;
}

struct error *definition_show(
	struct listing *listing, const char *pattern, struct suggestion *suggestion)
{
	const struct row *row = row_of(pattern);
	const char *name = pattern + strlen(row->keyword);

	name += strspn(name, " ");

	struct wanted wanted = {
		.row = row,
		.name = name,
		.several = strchr(name, '*') != NULL,
		.nearest = suggest_start(name),
	};
	struct error *error = search_all(listing, &wanted);

	if (error || wanted.found > 0)
		return error;
	if (wanted.nearest.best) {
		*suggestion = wanted.nearest;
		suggestion->best =
			arena_printf(&listing->arena, "%s %s", row->keyword, wanted.nearest.best);
	}
	return error_new(ENOENT, "nothing matches '%s'", pattern);
}
