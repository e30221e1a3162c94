/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line information of programs. The verifier's log shows the text of a line, and on newer
 * kernels its number, but no column. So the text of each entry begins with the index of a statement
 * in the manifest: "17: @x = count()". Kernels since 6.8 skip an entry with the same file and line
 * as the one before, so neighbours have paths to the file that differ by "./", of which the log
 * shows the last part only. The format is that of Documentation/bpf/btf.rst of the kernel, "4.2
 * .BTF.ext section".
 */
#include "debug.h"
#include "lines.h"

#include <linux/bpf.h>
#include <string.h>

#include "defect.h"

enum {
	TEXT_MAX = 120, /* bytes of a text */
	COLUMN_BITS = 10,
	COLUMN_MAX = (1 << COLUMN_BITS) - 1,
	NR_PATHS = 8, /* to one file */
};

/* struct btf_ext_header of libbpf, which keeps it to itself. */
struct ext_header {
	uint16_t magic;
	uint8_t version;
	uint8_t flags;
	uint32_t header_size;
	uint32_t func_info, func_info_size;
	uint32_t line_info, line_info_size; /* behind the header */
};

/* A section's entries follow. */
struct ext_section {
	uint32_t name;
	uint32_t count;
};

struct lines {
	struct emitter *e;
	struct btf *btf;
	uint32_t *indices; /* of statements in the manifest + 1, by LLVM's line - 1 */
};

static uint32_t add_text(struct btf *btf, const char *text)
{
	int offset = btf__add_str(btf, text);

	if (offset < 0)
		defect("cannot write BTF: %s", strerror(-offset));
	return offset;
}

static uint32_t add_path(struct btf *btf, const char *name, uint32_t number)
{
	_cleanup_str_ struct str path = STR_INIT;
	const char *slash = strrchr(name, '/');
	const char *last = slash ? slash + 1 : name;

	str_append_bytes(&path, name, last - name);
	for (uint32_t i = 0; i < number % NR_PATHS; i++)
		str_append(&path, "./");
	str_append(&path, last);
	return add_text(btf, str_text(&path));
}

static uint32_t add_statement_text(
	struct btf *btf, const struct source *source, struct span span, uint32_t index)
{
	_cleanup_str_ struct str text = STR_INIT;

	str_printf(&text, "%u: ", index);
	str_append_bytes(
		&text, source->text + span.begin, MIN(span.end - span.begin, (uint32_t)TEXT_MAX));
	str_truncate(&text, strcspn(str_text(&text), "\n"));
	return add_text(btf, str_text(&text));
}

/* Returns the index in the manifest of the statement that LLVM has this line number for; adds it
 * when it is new. */
static uint32_t export_statement(struct lines *lines, uint32_t line)
{
	uint32_t *index = &lines->indices[line - 1];

	if (!*index) {
		vec_push(&lines->e->manifest->statements, *debug_statement(lines->e, line));
		*index = (uint32_t)lines->e->manifest->statements.count;
	}
	return *index - 1;
}

/* An entry of line 0, which LLVM gives to instructions whose debug locations it merged, stays as it
 * is: without a text the log of the verifier names no statement there. */
static void point(struct lines *lines, struct bpf_line_info *line)
{
	struct emitter *e = lines->e;
	uint32_t number = BPF_LINE_INFO_LINE_NUM(line->line_col);
	const struct manifest_statement *statement = debug_statement(e, number);

	if (!statement)
		return;
	struct span span = statement->span;
	const struct source *source = &e->c->diags->sources.items[span.source];
	struct position position = diags_position(e->c->diags, span.source, span.begin);
	uint32_t index = export_statement(lines, number);

	line->line_off = add_statement_text(lines->btf, source, span, index);
	line->file_name_off = add_path(lines->btf, source->name, index);
	line->line_col = position.line << COLUMN_BITS | MIN(position.column, (uint32_t)COLUMN_MAX);
}

/* Exports all loops, also those without instructions of their line: when the verifier rejects a
 * loop, the runner searches for the one around a statement. */
static void export_loops(struct lines *lines)
{
	for (uint32_t line = 1; debug_statement(lines->e, line); line++) {
		if (debug_statement(lines->e, line)->is_loop)
			export_statement(lines, line);
	}
}

void lines_point(struct emitter *e, struct btf *btf, void *data, size_t size)
{
	const struct ext_header *header = data;
	struct lines lines = {e, btf, arena_array(e->c->arena, uint32_t, e->statements.count + 1)};

	export_loops(&lines);
	if (size < sizeof(*header) || header->line_info_size < sizeof(uint32_t))
		return;
	uint32_t *at = data; /* all of it is words */

	at += (header->header_size + header->line_info) / sizeof(*at);
	const uint32_t *end = at + header->line_info_size / sizeof(*at);
	size_t entry = *at++ / sizeof(*at);

	while (at + sizeof(struct ext_section) / sizeof(*at) <= end) {
		const void *section = at;
		uint32_t count = ((const struct ext_section *)section)->count;

		at += sizeof(struct ext_section) / sizeof(*at);
		for (uint32_t i = 0; i < count; i++, at += entry) {
			void *line = at;

			point(&lines, line);
		}
	}
}
