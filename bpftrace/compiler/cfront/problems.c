/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors in a header get the header as a source of their own, included where the script does so.
 * Those in the kernel's headers, which were written for another compiler, are left out: the types
 * and macros that are good count. So are errors about declarations that the script does not have,
 * but what the preprocessor says of the use of a macro.
 */
#include "problems.h"

#include <string.h>

#include "headers.h"
#include "kernel_header.h"
#include "libclang.h"
#include "stubs.h"
#include "version_header.h"

enum { REPORTED_MAX = 20 };

struct problem {
	enum CXDiagnosticSeverity severity;
	const char *text;
	struct c_place place;
	const struct c_item *item; /* NULL: in a header */
};

static struct problem problem_at(const struct cfront *cfront, CXDiagnostic diagnostic)
{
	const struct libclang *clang = cfront->clang;
	struct problem problem = {
		.severity = clang->getDiagnosticSeverity(diagnostic),
		.text = unit_text(cfront, clang->getDiagnosticSpelling(diagnostic)),
		.place = unit_place(cfront, clang->getDiagnosticLocation(diagnostic)),
	};

	if (problem.place.is_script || !problem.place.file)
		problem.item = unit_item_at(cfront, problem.place.offset);
	return problem;
}

/* The texts between the apostrophes of a message, "" when there are none. */
static const char *quoted(const struct cfront *cfront, const char *text)
{
	const char *begin = strchr(text, '\'');
	const char *end = begin ? strchr(begin + 1, '\'') : NULL;

	return end ? arena_strndup(cfront->c->arena, begin + 1, (size_t)(end - begin - 1)) : "";
}

static bool is_missing_file(const struct problem *problem)
{
	return problem->severity >= CXDiagnostic_Error && strstr(problem->text, "' file not found");
}

/* In a directory that is closed to this process it is not known whether there is such a file; the
 * search goes on. */
static bool is_closed_file(const struct problem *problem)
{
	return strncmp(problem->text, "cannot open file '", strlen("cannot open file '")) == 0;
}

/* The compiler has given up, since it found so many errors (search.c). */
static bool is_end(const struct problem *problem)
{
	return strncmp(problem->text, "too many errors emitted", strlen("too many errors")) == 0;
}

/* --- mending --- */

struct inclusion {
	const struct cfront *cfront;
	const char *name; /* of the file */
	bool is_found;
	unsigned offset; /* in the C text, of the line that leads to the file */
};

static void visit_inclusion(
	CXFile file, CXSourceLocation *stack, unsigned length, CXClientData context)
{
	struct inclusion *inclusion = context;

	if (inclusion->is_found || length == 0 ||
		!unit_is_same_file(inclusion->cfront, file, inclusion->name))
		return;

	struct c_place place = unit_place(inclusion->cfront, stack[length - 1]);

	inclusion->is_found = place.is_script;
	inclusion->offset = place.offset;
}

/* The item that includes a header; NULL: an option does. */
static const struct c_item *includer(const struct cfront *cfront, CXFile file)
{
	struct inclusion inclusion = {.cfront = cfront, .name = unit_file_name(cfront, file)};

	cfront->clang->getInclusions(cfront->unit, visit_inclusion, &inclusion);
	return inclusion.is_found ? unit_item_at(cfront, inclusion.offset) : NULL;
}

static bool do_without(struct cfront *cfront, const struct problem *problem, const char *name)
{
	struct compilation *c = cfront->c;
	const struct c_item *item =
		problem->item ? problem->item : includer(cfront, problem->place.file);
	const struct span start = {.source = c->source};

	if (!kernel_header_is_needless(c, name) || !headers_stand_in(cfront, name))
		return false;
	kernel_header_note(c, item ? item->span : start, name);
	return true;
}

static bool mend(struct cfront *cfront, const struct problem *problem)
{
	const char *name = quoted(cfront, problem->text);

	if (problem->severity < CXDiagnostic_Error)
		return false;
	if (is_closed_file(problem))
		return headers_open(cfront, name);
	if (is_missing_file(problem))
		return do_without(cfront, problem, name);
	if (problem->item && (problem->item->kind == C_USE || problem->item->kind == C_END))
		return false;

	const struct c_item *item =
		problem->item ? problem->item : includer(cfront, problem->place.file);

	return item && stubs_add(cfront, &cfront->items.items[item->number], problem->text, name);
}

bool problems_mend(struct cfront *cfront)
{
	const struct libclang *clang = cfront->clang;
	unsigned count = clang->getNumDiagnostics(cfront->unit);
	bool mended = false;

	for (unsigned i = 0; i < count; i++) {
		CXDiagnostic diagnostic = clang->getDiagnostic(cfront->unit, i);
		struct problem problem = problem_at(cfront, diagnostic);

		mended |= mend(cfront, &problem);
		clang->disposeDiagnostic(diagnostic);
	}
	return mended;
}

/* --- reporting --- */

/* The end of the token at an offset: a word, or a name of a file with what is around it. */
static size_t token_end(const char *text, size_t length, size_t at)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_";
	const char *begin = text + at;
	char closing = at < length && *begin == '<' ? '>' : '"';
	const char *end;

	if (at >= length)
		return length;
	if (*begin == '<' || *begin == '"') {
		end = memchr(begin + 1, closing, length - at - 1);
		if (end && !memchr(begin, '\n', (size_t)(end - begin)))
			return (size_t)(end - text) + 1;
	}
	return at + MAX(strspn(begin, word), (size_t)1);
}

static struct span span_at(const struct cfront *cfront, uint32_t source, uint32_t at)
{
	const struct source *text = &cfront->c->diags->sources.items[source];

	return (struct span){source, at, (uint32_t)token_end(text->text, text->length, at)};
}

/* The header as a source; the first call adds it. */
static uint32_t header_source(const struct cfront *cfront, CXFile file)
{
	struct diags *diags = cfront->c->diags;
	const char *name = unit_file_name(cfront, file), *text;
	const struct c_item *item = includer(cfront, file);
	size_t length = 0;

	for (uint32_t i = 0; i < diags->sources.count; i++) {
		if (strcmp(diags->sources.items[i].name, name) == 0)
			return i;
	}
	text = cfront->clang->getFileContents(cfront->unit, file, &length);

	uint32_t number = diags_add_source(diags, name,
		arena_strndup(cfront->c->arena, text ? text : "", text ? length : 0), length);
	struct source *source = &diags->sources.items[number];

	source->has_parent = item;
	source->is_included = true;
	if (item)
		source->parent = item->span;
	return number;
}

static struct span span_of(const struct cfront *cfront, const struct problem *problem)
{
	const struct c_item *item = problem->item;

	if (!item && problem->place.file)
		return span_at(
			cfront, header_source(cfront, problem->place.file), problem->place.offset);
	if (!item)
		return (struct span){.source = cfront->c->source};
	if (item->kind == C_USE)
		return (struct span){
			item->span.source, item->span.begin, MAX(item->call_end, item->span.end)};
	if (item->kind == C_INCLUDE)
		return item->span;
	return span_at(cfront, item->span.source, unit_script_offset(item, problem->place.offset));
}

/* Of a word's declarations, whether it is in one that has the text of an expansion. */
static bool is_about_text(const struct cfront *cfront, const struct problem *problem)
{
	static const char declaration[] = "static const char ";
	const char *text = str_text(&cfront->text), *line = text + problem->place.offset;

	while (line > text && line[-1] != '\n')
		line--;
	return strncmp(line, declaration, strlen(declaration)) == 0;
}

/* Whether the user can do something about it. */
static bool is_shown(const struct cfront *cfront, const struct problem *problem)
{
	if (problem->severity < CXDiagnostic_Error)
		return problem->item && problem->item->kind == C_LINE;
	if (is_closed_file(problem) || is_end(problem))
		return false;
	if (!problem->item)
		return is_missing_file(problem) ||
		       !search_is_kernel(cfront->c, &cfront->search,
			       unit_file_name(cfront, problem->place.file));
	if (problem->item->kind == C_USE)
		return is_about_text(cfront, problem);
	return problem->item->kind != C_END && problem->item->kind != C_MARK;
}

/* Keeps where a macro is defined that is defined once more at the end. */
static void keep_definition(
	struct cfront *cfront, const struct problem *problem, CXDiagnostic diagnostic)
{
	const struct libclang *clang = cfront->clang;
	CXDiagnosticSet notes = clang->getChildDiagnostics(diagnostic);
	struct c_definition *definition;
	struct problem place;

	if (!clang->getNumDiagnosticsInSet(notes))
		return;
	place = problem_at(cfront, clang->getDiagnosticInSet(notes, 0));
	definition = arena_new(cfront->c->arena, struct c_definition);
	definition->is_here = place.item && place.item->kind == C_LINE;
	if (definition->is_here)
		definition->span = span_at(cfront, cfront->c->source,
			unit_script_offset(place.item, place.place.offset));
	else if (place.place.file && !place.place.is_script)
		definition->where = arena_printf(cfront->c->arena, "%s:%u",
			unit_file_name(cfront, place.place.file), place.place.line);
	*hashmap_text_slot(&cfront->definitions, quoted(cfront, problem->text)) = definition;
}

static void hint_at_missing(struct cfront *cfront, const struct problem *problem)
{
	struct diags *diags = cfront->c->diags;
	const char *name = quoted(cfront, problem->text);
	_cleanup_str_ struct str text = STR_INIT;

	if (headers_are_closed(cfront, name, &text))
		diag_hint(diags, "%s", str_text(&text));
	else if (headers_is_kernel_name(name)) {
		search_explain_kernel(cfront->c, &cfront->search, &text);
		diag_hint(diags, "%s", str_text(&text));
	} else if (!strchr(name, '.')) {
		diag_hint(diags, "headers are read as C, not C++; types of a traced program are "
				 "known without headers, from its debug information");
	} else {
		diag_hint(diags, "-I DIR adds a directory to those that are searched");
	}
}

/* Notes the definition that a use of a macro in the script stands for, to which what the compiler
 * found wrong is about. */
static void explain_use(struct cfront *cfront, const struct c_item *item)
{
	const struct source *source = &cfront->c->diags->sources.items[item->span.source];
	const char *word = arena_strndup(cfront->c->arena, source->text + item->span.begin,
		item->span.end - item->span.begin);
	const struct c_definition *definition = hashmap_text_get(&cfront->definitions, word);
	const struct span span = {
		item->span.source, item->span.begin, MAX(item->call_end, item->span.end)};
	const char *text;

	if (!definition || !definition->is_here)
		return;
	text = source->text + definition->span.end;
	if (*text == '(')
		diags_explain(cfront->c->diags, span, &definition->span,
			"%s is a macro with parameters", word);
	text += strspn(text, " \t");
	diags_explain(cfront->c->diags, span, &definition->span,
		"%s is a macro, which expands to %.*s", word, (int)strcspn(text, "\n"), text);
}

static void report(struct cfront *cfront, const struct problem *problem)
{
	struct diags *diags = cfront->c->diags;
	struct span span = span_of(cfront, problem);
	const char *prefix = is_missing_file(problem) ? "fatal error: " : "";
	bool is_option = problem->item && problem->item->kind == C_INCLUDE;

	if (problem->severity < CXDiagnostic_Error) {
		diag_warning(diags, span, "%s", problem->text);
		return;
	}
	if (problem->item && problem->item->kind == C_USE)
		explain_use(cfront, problem->item);
	diag_error(diags, span, "%s%s%s", is_option ? "--include: " : "", prefix, problem->text);
	if (is_missing_file(problem))
		hint_at_missing(cfront, problem);
	else if (version_header_defines(quoted(cfront, problem->text)))
		diag_hint(diags, "#include <linux/version.h> defines it");
}

/* After the last problem. */
static void report_rest(struct cfront *cfront, size_t reported, bool is_cut)
{
	const struct span start = {.source = cfront->c->source};

	if (reported > REPORTED_MAX)
		diag_error(cfront->c->diags, start,
			"%zu more errors in the text in C are not shown", reported - REPORTED_MAX);
	else if (is_cut && !reported)
		diag_error(cfront->c->diags, start,
			"the C compiler gave up after too many errors in headers of the kernel");
}

static void keep_definitions(struct cfront *cfront)
{
	const struct libclang *clang = cfront->clang;
	unsigned count = clang->getNumDiagnostics(cfront->unit);

	for (unsigned i = 0; i < count; i++) {
		CXDiagnostic diagnostic = clang->getDiagnostic(cfront->unit, i);
		struct problem problem = problem_at(cfront, diagnostic);

		if (problem.item && problem.item->kind == C_END)
			keep_definition(cfront, &problem, diagnostic);
		clang->disposeDiagnostic(diagnostic);
	}
}

bool problems_report(struct cfront *cfront)
{
	const struct libclang *clang = cfront->clang;
	size_t errors = cfront->c->diags->errors;
	unsigned count = clang->getNumDiagnostics(cfront->unit);
	const struct c_item *use = NULL; /* whose first problem was reported */
	size_t reported = 0;
	bool is_cut = false;

	keep_definitions(cfront);

	for (unsigned i = 0; i < count; i++) {
		CXDiagnostic diagnostic = clang->getDiagnostic(cfront->unit, i);
		struct problem problem = problem_at(cfront, diagnostic);
		bool is_error = problem.severity >= CXDiagnostic_Error;

		is_cut |= is_end(&problem);
		if ((!use || problem.item != use) && is_shown(cfront, &problem) &&
			(!is_error || reported++ < REPORTED_MAX)) {
			report(cfront, &problem);
			use = is_error && problem.item && problem.item->kind == C_USE ? problem.item
										      : use;
		}
		clang->disposeDiagnostic(diagnostic);
	}
	report_rest(cfront, reported, is_cut);
	return cfront->c->diags->errors == errors;
}
