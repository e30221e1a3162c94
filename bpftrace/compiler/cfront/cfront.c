/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The script is parsed to find where its text in C, its probes and the words in them are. Then the
 * C compiler reads unit.h's text, and the script with what it found in the place of macros is
 * parsed again, about which diagnostics and spans are moved to where they are in the script.
 */
#include "cfront.h"

#include <stdlib.h>
#include <string.h>

#include "c_types.h"
#include "conditions.h"
#include "declarations.h"
#include "headers.h"
#include "kernel_header.h"
#include "libcommon/elf/locate.h"
#include "macros.h"

/* --- which scripts --- */

/* A line that begins with a # other than the first one's "#!". */
static bool may_have_lines(const struct source *source)
{
	const char *end = source->text + source->length, *line = source->text;

	while (line && line < end) {
		const char *at = line;

		while (at < end && (*at == ' ' || *at == '\t'))
			at++;
		if (at < end && *at == '#' && !(at == source->text && at + 1 < end && at[1] == '!'))
			return true;
		line = memchr(at, '\n', (size_t)(end - at));
		line = line ? line + 1 : NULL;
	}
	return false;
}

/* Whether the script is parsed as it is; one with a NUL byte is, since no C text has any. */
static bool is_plain(const struct compilation *c)
{
	const struct source *source = &c->diags->sources.items[c->source];

	if (memchr(source->text, '\0', source->length))
		return true;
	return !c->request->include_files.count && !may_have_lines(source);
}

static bool is_line(const struct node *node)
{
	return node->kind == NODE_C_TEXT &&
	       node_c_text((struct node *)(uintptr_t)node)->text[0] == '#';
}

/* A line that includes a <header> which is nowhere and not needed. */
static bool is_needless(
	const struct compilation *c, const struct c_search *search, const struct c_text *line)
{
	const char *name = headers_included(c->arena, line->text);

	return name && strchr(line->text, '<') && kernel_header_is_needless(c, name) &&
	       !search_has(c, search, name);
}

static bool is_header(const struct node *node)
{
	const char *path = node->kind == NODE_IMPORT ? ((const struct import *)node)->path : "";
	size_t length = strlen(path);

	return length > 2 && strcmp(path + length - 2, ".h") == 0;
}

static bool imports_header(const struct program *program)
{
	const struct node *node;

	node_for_each (program->definitions, node) {
		if (is_header(node))
			return true;
	}
	return false;
}

/* Whether the script has preprocessor lines other than such ones. */
static bool has_lines(struct compilation *c)
{
	struct c_search search = {};
	struct node *node;
	bool found = false;

	search_init(c, &search);
	search_options(c, &search, false);
	node_for_each (c->program->definitions, node)
		found |= is_line(node) && !is_needless(c, &search, node_c_text(node));
	search_deinit(&search);
	if (found)
		return true;
	node_for_each (c->program->definitions, node) {
		if (is_line(node))
			kernel_header_note(
				c, node->span, headers_included(c->arena, node_c_text(node)->text));
	}
	return false;
}

/* --- items --- */

/* import "x.h" is an #include whose path is relative to the script. */
static void add_header(struct cfront *cfront, const struct import *import)
{
	const char *name = cfront->c->request->name, *slash = strrchr(name, '/');
	int length = slash && *import->path != '/' ? (int)(slash - name) + 1 : 0;

	unit_add(cfront, C_INCLUDE, import->node.span,
		arena_printf(cfront->c->arena, "#include \"%.*s%s\"", length, name, import->path));
}

static void add_node(struct cfront *cfront, const struct node *node)
{
	const struct c_text *text;

	if (is_header(node)) {
		add_header(cfront, (const struct import *)node);
		return;
	}
	if (node->kind != NODE_C_TEXT) {
		unit_add(cfront, C_MARK, node->span, NULL);
		return;
	}
	text = node_c_text((struct node *)(uintptr_t)node);
	unit_add(cfront, is_line(node) ? C_LINE : C_DEFINITION, node->span, text->text);
}

/* In C a name in quotes cannot contain a quote, one between < and > can; the latter is not looked
 * for in the folder of the script. */
static const char *include_line(struct cfront *cfront, const char *file)
{
	struct arena *arena = cfront->c->arena;
	const char *path;

	if (!strchr(file, '"'))
		return arena_printf(arena, "#include \"%s\"", file);
	path = locate_absolute(cfront->c->host, file, arena);
	return arena_printf(arena, "#include <%s>", headers_open(cfront, path) ? path : file);
}

static void add_include_files(struct cfront *cfront)
{
	const struct span start = {.source = cfront->c->source};
	const char **file;

	vec_for_each (&cfront->c->request->include_files, file)
		unit_add(cfront, C_INCLUDE, start, include_line(cfront, *file));
}

/* Definitions and probes, in the script's order. */
static void add_nodes(struct cfront *cfront, const struct program *program)
{
	const struct node *definition = program->definitions, *probe = program->probes;

	while (definition || probe) {
		bool is_probe =
			!definition || (probe && probe->span.begin < definition->span.begin);
		const struct node **next = is_probe ? &probe : &definition;

		add_node(cfront, *next);
		*next = (*next)->next;
	}
}

/* The header that an item includes; NULL: none. */
static const char *included(const struct cfront *cfront, const struct c_item *item)
{
	bool may_include = item->kind == C_INCLUDE || item->kind == C_LINE;

	return may_include ? headers_included(cfront->c->arena, item->text) : NULL;
}

static bool uses_kernel(const struct cfront *cfront)
{
	const struct c_item *item;

	vec_for_each (&cfront->items, item) {
		const char *name = included(cfront, item);

		if (name && headers_is_kernel_name(name) &&
			search_kernel_has(cfront->c, &cfront->search, name))
			return true;
	}
	return false;
}

/* --- the script as it is then --- */

struct moving {
	struct compilation *c;
	const struct expanded *expanded;
};

static struct span move_span(const struct moving *moving, struct span span)
{
	struct span origin = expanded_origin(moving->expanded, span);

	origin.source = moving->c->source;
	return origin;
}

static bool move_node(struct node *node, void *context)
{
	node->span = move_span(context, node->span);
	return true;
}

static void parse_expanded(struct compilation *c, const struct expanded *expanded)
{
	const struct moving moving = {c, expanded};
	struct diags diags = DIAGS_INIT;
	uint32_t source = diags_add_source(&diags, c->diags->sources.items[c->source].name,
		str_text(&expanded->text), expanded->text.length);
	const struct diag *diag;

	c->program = parse(c->arena, &diags, source);
	node_walk(&c->program->node, move_node, (void *)(uintptr_t)&moving);
	vec_for_each (&diags.list, diag) {
		diags_copy(c->diags, diag, move_span(&moving, diag->span));
		if (diag->note)
			diag_note(c->diags, move_span(&moving, diag->note_span), "%s", diag->note);
	}
	diags_deinit(&diags);
}

static bool read_unit(struct cfront *cfront)
{
	if (!unit_read(cfront))
		return false;
	declarations_collect(cfront);
	return true;
}

/* parsed: before and after the messages of the first time. */
static void preprocess(
	struct compilation *c, const parse_words *words, const struct diags_mark parsed[2])
{
	_cleanup_(expanded_deinit) struct expanded expanded = {};
	const struct span start = {.source = c->source};
	struct error *error = cfront_new(c, &c->cfront);

	if (error) {
		diag_error(c->diags,
			c->program->definitions ? c->program->definitions->span : start, "%s",
			error->message);
		diag_hint(c->diags, "install the package %s", libclang_package());
		error_free(error);
		return;
	}
	add_include_files(c->cfront);
	add_nodes(c->cfront, c->program);
	macros_add_words(c->cfront, words);
	search_options(c, &c->cfront->search, uses_kernel(c->cfront));
	if (!read_unit(c->cfront))
		return;
	diags_remove(c->diags, parsed[0], parsed[1]);
	macros_expand(c->cfront, &expanded);
	parse_expanded(c, &expanded);
}

/* Takes out of the script what conditions exclude; true when there is any. What is wrong is
 * reported when all is read. */
static bool drop_excluded(struct compilation *c)
{
	const struct diags_mark mark = diags_mark(c->diags);
	struct cfront *cfront;
	_cleanup_error_ struct error *error = cfront_new(c, &cfront);
	bool dropped = false;

	if (error)
		return false;
	add_include_files(cfront);
	conditions_add(cfront);
	search_options(c, &cfront->search, uses_kernel(cfront));
	unit_read(cfront);
	if (cfront->unit) {
		declarations_collect(cfront);
		dropped = conditions_blank(cfront);
	}
	diags_back(c->diags, mark);
	cfront_free(cfront);
	return dropped;
}

void cfront_parse(struct compilation *c)
{
	bool has_files = c->request->include_files.count > 0;
	struct diags_mark parsed[2] = {diags_mark(c->diags)};
	parse_words words = {};

	if (is_plain(c)) {
		c->program = parse(c->arena, c->diags, c->source);
		if (!imports_header(c->program))
			return;
		diags_back(c->diags, parsed[0]);
	}
	c->program = parse_with_words(c->arena, c->diags, c->source, &words);
	if (c->diags->errors > parsed[0].errors &&
		conditions_are_there(&c->diags->sources.items[c->source]) && drop_excluded(c)) {
		diags_back(c->diags, parsed[0]);
		words.count = 0;
		c->program = parse_with_words(c->arena, c->diags, c->source, &words);
	}
	parsed[1] = diags_mark(c->diags);
	if (has_files || imports_header(c->program) || has_lines(c))
		preprocess(c, &words, parsed);
	vec_deinit(&words);
}

bool cfront_define(struct compilation *c)
{
	if (!c->cfront)
		return false;
	c_types_define(c->cfront);
	return true;
}

bool cfront_read_definitions(struct compilation *c, struct error **ret_missing)
{
	size_t errors = c->diags->errors;
	const struct node *node;

	*ret_missing = cfront_new(c, &c->cfront);
	if (*ret_missing)
		return false;
	node_for_each (c->program->definitions, node) {
		if (node->kind == NODE_C_TEXT)
			add_node(c->cfront, node);
	}
	search_options(c, &c->cfront->search, false);
	if (!read_unit(c->cfront))
		return false;
	c_types_define(c->cfront);
	return c->diags->errors == errors;
}

void cfront_deinit(struct compilation *c)
{
	if (!c->cfront)
		return;
	types_set_headers(c->types, NULL);
	cfront_free(TAKE(c->cfront));
}
