/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "declarations.h"
#include "guard.h"
#include "headers.h"
#include "own_headers.h"
#include "problems.h"
#include "version_header.h"

enum { ROUNDS_MAX = 64 };

/* --- items --- */

/* In the script's directory, which is where its headers may be. */
static const char *name_of_text(struct compilation *c)
{
	const char *name = c->diags->sources.items[c->source].name;
	const char *slash = strrchr(name, '/');
	int length = slash ? (int)(slash - name) + 1 : 0;

	return arena_printf(c->arena, "%.*s" CFRONT_PREFIX "script.c", length, name);
}

struct error *cfront_new(struct compilation *c, struct cfront **ret)
{
	const struct libclang *clang;
	struct error *error = libclang_load(&clang);
	struct cfront *cfront;

	if (error)
		return error;
	cfront = arena_new(c->arena, struct cfront);
	cfront->c = c;
	cfront->clang = clang;
	cfront->name = name_of_text(c);
	search_init(c, &cfront->search);
	for (size_t i = 0; i < own_header_count; i++)
		vec_push(
			&cfront->files, ((struct CXUnsavedFile){own_headers[i].path,
						own_headers[i].text, strlen(own_headers[i].text)}));
	version_header_add(cfront);
	*ret = cfront;
	return NULL;
}

void cfront_free(struct cfront *cfront)
{
	struct c_item *item;

	if (cfront->unit)
		cfront->clang->disposeTranslationUnit(cfront->unit);
	if (cfront->index)
		cfront->clang->disposeIndex(cfront->index);
	vec_for_each (&cfront->items, item)
		str_deinit(&item->stubs);
	vec_deinit(&cfront->items);
	vec_deinit(&cfront->files);
	str_deinit(&cfront->text);
	hashmap_deinit(&cfront->stubs);
	hashmap_deinit(&cfront->definitions);
	search_deinit(&cfront->search);
	declarations_deinit(cfront->declarations);
}

struct c_item *unit_add(
	struct cfront *cfront, enum c_item_kind kind, struct span span, const char *text)
{
	struct c_item *item = vec_add(&cfront->items);

	item->kind = kind;
	item->number = (uint32_t)(cfront->items.count - 1);
	item->span = span;
	item->text = text;
	return item;
}

const char *unit_mark(const struct cfront *cfront, const struct c_item *item)
{
	return arena_printf(
		cfront->c->arena, "static const char " CFRONT_PREFIX "alive_%u = 0;", item->number);
}

uint32_t unit_line(const struct cfront *cfront, const struct c_item *item)
{
	return diags_position(cfront->c->diags, item->span.source, item->span.begin).line;
}

/* Has __LINE__ and __FILE__ be those of the script. */
static void write_line(struct cfront *cfront, const struct c_item *item)
{
	const char *name = cfront->c->diags->sources.items[cfront->c->source].name;
	struct str *text = &cfront->text;

	str_printf(text, "#line %u \"", unit_line(cfront, item));
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			str_append_char(text, '\\');
		str_append_char(text, *name == '\n' ? ' ' : *name);
	}
	str_append(text, "\"\n");
}

static void write_text(struct cfront *cfront)
{
	struct str *text = &cfront->text;
	struct c_item *item;

	str_truncate(text, 0);
	str_append(text,
		"#define " CFRONT_PREFIX "text_(...) #__VA_ARGS__\n"
		"#define " CFRONT_PREFIX "text(...) " CFRONT_PREFIX "text_(__VA_ARGS__)\n");
	vec_for_each (&cfront->items, item) {
		item->begin = (uint32_t)text->length;
		str_append_bytes(text, str_text(&item->stubs), item->stubs.length);
		write_line(cfront, item);
		item->text_begin = (uint32_t)text->length;
		str_append(text, item->text);
		str_append_char(text, '\n');
		item->end = (uint32_t)text->length;
	}
}

const struct c_item *unit_item_at(const struct cfront *cfront, uint32_t offset)
{
	const struct c_item *item, *found = NULL;

	vec_for_each (&cfront->items, item) {
		if (item->begin <= offset)
			found = item;
	}
	return found;
}

uint32_t unit_script_offset(const struct c_item *item, uint32_t offset)
{
	uint32_t length = item->span.end - item->span.begin;
	bool is_copy = item->kind == C_LINE || item->kind == C_DEFINITION;
	uint32_t into = is_copy && offset > item->text_begin ? offset - item->text_begin : 0;

	return item->span.begin + MIN(into, length);
}

/* --- the compiler --- */

static struct error *compile(struct cfront *cfront)
{
	const struct libclang *clang = cfront->clang;
	struct CXUnsavedFile *files =
		arena_array(cfront->c->arena, struct CXUnsavedFile, cfront->files.count + 1);

	write_text(cfront);
	files[0] =
		(struct CXUnsavedFile){cfront->name, str_text(&cfront->text), cfront->text.length};
	memcpy(files + 1, cfront->files.items, cfront->files.count * sizeof(*files));
	if (!cfront->index)
		cfront->index = clang->createIndex(0, 0);
	if (cfront->unit)
		clang->disposeTranslationUnit(TAKE(cfront->unit));

	enum CXErrorCode code = clang->parseTranslationUnit2(cfront->index, cfront->name,
		cfront->search.options.items, (int)cfront->search.options.count, files,
		(unsigned)cfront->files.count + 1,
		CXTranslationUnit_KeepGoing | CXTranslationUnit_SkipFunctionBodies, &cfront->unit);

	return code == CXError_Success
		       ? NULL
		       : error_new(
				 EINVAL, "the C compiler could not read the script's definitions");
}

bool unit_read(struct cfront *cfront)
{
	struct compilation *c = cfront->c;
	_cleanup_error_ struct error *error = NULL;
	int rounds = 0;

	if (!headers_check(cfront))
		return false;
	headers_add_closed(cfront);
	guard_begin(cfront);
	do
		error = compile(cfront);
	while (!error && rounds++ < ROUNDS_MAX && problems_mend(cfront));
	guard_end();
	if (error) {
		diag_error(c->diags, (struct span){.source = c->source}, "%s", error->message);
		return false;
	}
	return headers_check_root(cfront) && problems_report(cfront);
}

/* --- its answers --- */

const char *unit_text(const struct cfront *cfront, CXString string)
{
	const char *text = cfront->clang->getCString(string);
	const char *copy = arena_strdup(cfront->c->arena, text ? text : "");

	cfront->clang->disposeString(string);
	return copy;
}

const char *unit_file_name(const struct cfront *cfront, CXFile file)
{
	return file ? unit_text(cfront, cfront->clang->getFileName(file)) : "";
}

/* Virtual files have no numbers that would tell them apart. */
bool unit_is_same_file(const struct cfront *cfront, CXFile file, const char *name)
{
	CXString text = cfront->clang->getFileName(file);
	const char *spelled = cfront->clang->getCString(text);
	bool is_same = spelled && strcmp(spelled, name) == 0;

	cfront->clang->disposeString(text);
	return is_same;
}

struct c_place unit_place(const struct cfront *cfront, CXSourceLocation location)
{
	struct c_place place = {};

	cfront->clang->getExpansionLocation(
		location, &place.file, &place.line, &place.column, &place.offset);
	place.is_script = place.file && unit_is_same_file(cfront, place.file, cfront->name);
	return place;
}
