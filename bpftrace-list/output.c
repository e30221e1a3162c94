/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "definition.h"
#include "layout.h"
#include "libcommon/base/json_writer.h"
#include "libcommon/base/utf8.h"
#include "progress.h"

/* Names can come from hostile files: on a terminal control characters are escaped. */
static void put_text(const char *text, const char *raw)
{
	_cleanup_str_ struct str visible = STR_INIT;

	utf8_append_for(&visible, STDOUT_FILENO, text, strlen(text), raw);
	fputs(str_text(&visible), stdout);
}

static void probe_as_text(const char *name, const char *declarations)
{
	progress_hide();
	put_text(name, "");
	putchar('\n');
	if (declarations)
		put_text(declarations, "\n");
}

static void type_as_text(const struct definition *definition)
{
	progress_hide();
	if (definition->text && definition->module)
		printf("/* of module %s */\n", definition->module);
	put_text(definition->text ? definition->text : definition->name, "\n\t");
	putchar('\n');
}

static void write_text(struct json_writer *writer, const char *name, const char *text)
{
	json_write_member(writer, name);
	json_write_string(writer, text, strlen(text));
}

static void write_number(struct json_writer *writer, const char *name, uint64_t number)
{
	json_write_member(writer, name);
	json_write_integer(writer, number, false);
}

/* The declarations without the blanks that indent them. */
static void write_lines(struct json_writer *writer, const char *text)
{
	json_write_begin(writer, '[');
	while (*text) {
		size_t length = strcspn(text, "\n"), indent = strspn(text, " ");

		json_write_string(writer, text + indent, length - indent);
		text += length + (text[length] == '\n');
	}
	json_write_end(writer, ']');
}

/* Begins {"type": …, "data": {"name": … */
static struct json_writer begin_object(struct str *line, const char *type, const char *name)
{
	struct json_writer writer = {.out = line};

	json_write_begin(&writer, '{');
	write_text(&writer, "type", type);
	json_write_member(&writer, "data");
	json_write_begin(&writer, '{');
	write_text(&writer, "name", name);
	return writer;
}

static void end_object(struct json_writer *writer)
{
	json_write_end(writer, '}');
	json_write_end(writer, '}');
	progress_hide();
	printf("%s\n", str_text(writer->out));
}

static void probe_as_json(const char *name, const char *declarations)
{
	_cleanup_str_ struct str line = STR_INIT;
	struct json_writer writer = begin_object(&line, "probe", name);

	if (declarations) {
		json_write_member(&writer, "arguments");
		write_lines(&writer, declarations);
	}
	end_object(&writer);
}

static void write_place(struct json_writer *writer, const struct layout_line *line)
{
	write_text(writer, "name", line->name);
	write_text(writer, "type", line->type);
	write_number(writer, "offset", line->bit_at / 8);
	if (line->is_bit_field) {
		write_number(writer, "bit_offset", line->bit_at % 8);
		write_number(writer, "bits", line->bits);
	} else {
		write_number(writer, "size", line->bits / 8);
	}
}

/* The line that closes what this one opens, which names it. */
static const struct layout_line *closing(const struct layout_line *line)
{
	size_t depth = 1;

	while (depth) {
		line++;
		depth += line->kind == LAYOUT_OPEN;
		depth -= line->kind == LAYOUT_CLOSE;
	}
	return line;
}

/* The members from *line on up to the end of what encloses them; *line is then that end. */
static void write_members(struct json_writer *writer, const struct layout_line **line)
{
	json_write_begin(writer, '[');
	for (; (*line)->kind != LAYOUT_CLOSE; ++*line) {
		bool has_members = (*line)->kind == LAYOUT_OPEN;

		if ((*line)->kind == LAYOUT_HOLE)
			continue;
		json_write_begin(writer, '{');
		write_place(writer, has_members ? closing(*line) : *line);
		if (has_members) {
			++*line;
			json_write_member(writer, "members");
			write_members(writer, line);
		}
		json_write_end(writer, '}');
	}
	json_write_end(writer, ']');
}

static void type_as_json(const struct definition *definition)
{
	_cleanup_str_ struct str line = STR_INIT;
	struct json_writer writer = begin_object(&line, "type", definition->name);

	if (definition->module)
		write_text(&writer, "module", definition->module);
	if (definition->text)
		write_text(&writer, "definition", definition->text);
	if (definition->layout && definition->layout->lines.count > 0) {
		const struct layout_line *first = &definition->layout->lines.items[1];

		write_number(&writer, "size", definition->layout->size);
		json_write_member(&writer, "members");
		write_members(&writer, &first);
	}
	end_object(&writer);
}

static const struct output_ops formats[] = {
	{.name = "text", .probe = probe_as_text, .type = type_as_text},
	{.name = "json", .probe = probe_as_json, .type = type_as_json},
};

const struct output_ops *output_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	}
	return NULL;
}
