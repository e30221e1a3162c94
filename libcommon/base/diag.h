/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics about a script: every message points at a span of a source. Passes collect as many
 * as they find; the driver renders them once, in order, without repeating a message at the same
 * span (a block that was cloned for several probes reports its mistakes once). Of
 * those with one cause the first is rendered, with the lines of the others.
 *
 *	stdin:1:9-20: ERROR: message
 *	BEGIN { printf("hi"
 *	        ~~~~~~~~~~~
 *	HINT: the next step
 *	stdin:2:1-4: NOTE: another place that matters
 *	@x = 1
 *	~~~~
 *	NOTE: the same in lines 4, 5 and 9
 *	NOTE: expanded at stdin:3:1-8
 *
 * (one NOTE for each parent of the source, "included at" for a header, "expanded from here" and the
 * line for a macro of the script).
 * Columns count characters from 1; in the source line each tab is one column and is rendered as
 * it is, with a tab in the line of tildes below it so that they stay aligned. A span over several
 * lines is headed "file:first-last:" and shows its first line.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "str.h"
#include "vec.h"

/* Bytes begin..end (end excluded) of source number source. */
struct span {
	uint32_t source;
	uint32_t begin;
	uint32_t end;
};

/* The script, an imported file, or the expansion of a macro. */
struct source {
	const char *name;
	const char *text;
	size_t length;
	struct span parent; /* where it was imported, included or expanded */
	bool has_parent;
	bool is_included;
	bool is_expansion;
	uint32_t original; /* of an expansion: the source that has the same text */

	/* Where lines begin; made at first use, see diags_position. */
	uint32_t *lines;
	size_t line_count;
};

struct position {
	uint32_t line;   /* from 1 */
	uint32_t column; /* in bytes, from 1 */
};

enum severity {
	SEVERITY_ERROR,
	SEVERITY_WARNING,
};

struct diag {
	enum severity severity;
	struct span span;
	const char *message;
	bool one_cause;   /* see diag_one_cause */
	const char *hint; /* may be NULL */
	const char *note; /* about note_span; may be NULL */
	struct span note_span;
};

/* What is known about a span, for all messages about what is in it: see diags_explain. */
struct explanation {
	struct span span;
	const char *text;
	struct span place;
	bool has_place;
};

struct diags {
	struct arena arena;
	VEC(struct source) sources;
	VEC(struct diag) list;
	VEC(struct explanation) explanations;
	size_t errors;
};

#define DIAGS_INIT ((struct diags){})

void diags_deinit(struct diags *diags);

/* Adds a source and returns its number; name and text are borrowed and must outlive diags. */
uint32_t diags_add_source(struct diags *diags, const char *name, const char *text, size_t length);

/* Adds the same text once more, as a macro that was called at the place. */
uint32_t diags_add_expansion(struct diags *diags, uint32_t source, struct span call);

/* Where the byte stands; one line table per source is made at first use. */
struct position diags_position(const struct diags *diags, uint32_t source, uint32_t byte);

/* Appends "name:line:col-col", or "name:first-last" of a span over several lines. */
void diags_append_place(const struct diags *diags, struct span span, struct str *out);

/* The text of a span for use in a message; "…" stands for one that is long or has several lines.
 * Lives as long as diags. */
const char *diags_text(struct diags *diags, struct span span);

void diag_error(struct diags *diags, struct span span, const char *format, ...) _printf_(3, 4);
void diag_warning(struct diags *diags, struct span span, const char *format, ...) _printf_(3, 4);

/* Adds a HINT to the diagnostic added last (replaces one it had). */
void diag_hint(struct diags *diags, const char *format, ...) _printf_(2, 3);

/* The diagnostic added last has one cause with all others of the same message. */
void diag_one_cause(struct diags *diags);

/* Adds a NOTE about another place to the diagnostic added last (replaces one it had); the place of
 * the diagnostic itself is ignored. */
void diag_note(struct diags *diags, struct span span, const char *format, ...) _printf_(3, 4);

/* Diagnostics inside of the span get a NOTE with this text, which is about place if that is not
 * NULL, unless they have one. */
void diags_explain(struct diags *diags, struct span span, const struct span *place,
	const char *format, ...) _printf_(4, 5);

/* Adds a copy of a diagnostic of other diags, about a span here. */
void diags_copy(struct diags *diags, const struct diag *diag, struct span span);

/* How many there are, to be able to go back to that: messages about what was only tried. */
struct diags_mark {
	size_t count, errors;
};

struct diags_mark diags_mark(const struct diags *diags);
void diags_back(struct diags *diags, struct diags_mark mark);

/* Takes out those between two marks. */
void diags_remove(struct diags *diags, struct diags_mark from, struct diags_mark to);

/* Appends all diagnostics as text, for standard error (color.h); warnings only when asked for. */
void diags_render(const struct diags *diags, bool warnings, struct str *out);

/* The smallest span that covers both; they must be of one source. */
struct span span_join(struct span a, struct span b);
