/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line information of programs. The verifier's log shows the text of a line, and on newer
 * kernels its number, but no column. So the text of each entry, which LLVM left empty, is that of
 * the line from the entry's column on, a piece of it where lines are long. Kernels since 6.8 leave
 * out what has the same file and line as what came before, so neighbours have paths to the file
 * that differ by "./", of which the log shows the last part only. The format is that of
 * Documentation/bpf/btf.rst of the kernel, "4.2 .BTF.ext section".
 */
#include "lines.h"

#include <linux/bpf.h>
#include <string.h>

#include "defect.h"

enum {
	MOST_BYTES = 120, /* of a text */
	NR_PATHS = 8,     /* to one file */
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

static uint32_t add_text(struct btf *btf, const char *text)
{
	int offset = btf__add_str(btf, text);
	if (offset < 0)
		defect("cannot write BTF: %s", strerror(-offset));
	return offset;
}

static uint32_t add_path(struct btf *btf, const char *name, uint32_t column)
{
	_cleanup_str_ struct str path = STR_INIT;
	const char *slash = strrchr(name, '/');
	const char *last = slash ? slash + 1 : name;
	str_append_bytes(&path, name, last - name);
	for (uint32_t i = 0; i < column % NR_PATHS; i++)
		str_append(&path, "./");
	str_append(&path, last);
	return add_text(btf, str_text(&path));
}

static void point(struct emitter *e, struct btf *btf, struct bpf_line_info *line)
{
	uint32_t number = BPF_LINE_INFO_LINE_NUM(line->line_col);
	uint32_t column = MAX(BPF_LINE_INFO_LINE_COL(line->line_col), 1u);
	_cleanup_str_ struct str text = STR_INIT;
	const struct source *source = &e->c->diags->sources.items[e->c->source];

	if (number < 1 || number > source->line_count)
		return;
	size_t at = source->lines[number - 1] + column - 1;
	if (at >= source->length)
		return;
	size_t left = source->length - at;
	if (column > 1)
		left = MIN(left, MOST_BYTES);
	str_append_bytes(&text, source->text + at, left);
	str_truncate(&text, strcspn(str_text(&text), "\n"));
	line->line_off = add_text(btf, str_text(&text));
	line->file_name_off = add_path(btf, source->name, column);
}

void lines_point(struct emitter *e, struct btf *btf, void *data, size_t size)
{
	const struct ext_header *header = data;
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
			point(e, btf, line);
		}
	}
}
