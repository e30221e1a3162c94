/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <stdio.h>
#include <string.h>

#include "definition.h"
#include "layout.h"
#include "libcommon/base/json.h"

static void probe_as_text(const char *name, const char *declarations)
{
	puts(name);
	if (declarations)
		fputs(declarations, stdout);
}

static void type_as_text(const struct definition *definition)
{
	if (definition->text && definition->module)
		printf("/* of module %s */\n", definition->module);
	printf("%s\n", definition->text ? definition->text : definition->name);
}

static json_t *text_of(const char *text)
{
	return json_text(text, strlen(text));
}

/* The declarations without the blanks that indent them. */
static json_t *lines_of(const char *text)
{
	json_t *lines = json_array();

	while (*text) {
		size_t length = strcspn(text, "\n"), indent = strspn(text, " ");

		json_array_append_new(lines, json_text(text + indent, length - indent));
		text += length + (text[length] == '\n');
	}
	return lines;
}

/* {"type": …, "data": …} on a line; takes over data. */
static void write_object(const char *type, json_t *data)
{
	_cleanup_json_ json_t *object = json_object();
	_cleanup_str_ struct str line = STR_INIT;

	json_object_set_new(object, "type", text_of(type));
	json_object_set_new(object, "data", data);
	json_append(object, &line);
	printf("%s\n", str_text(&line));
}

static json_t *named(const char *name)
{
	json_t *data = json_object();

	json_object_set_new(data, "name", text_of(name));
	return data;
}

static void probe_as_json(const char *name, const char *declarations)
{
	json_t *data = named(name);

	if (declarations)
		json_object_set_new(data, "arguments", lines_of(declarations));
	write_object("probe", data);
}

static json_t *member_as_json(const struct layout_line *line)
{
	json_t *member = named(line->name);

	json_object_set_new(member, "type", text_of(line->type));
	json_object_set_new(member, "offset", json_integer((json_int_t)(line->bit_at / 8)));
	if (line->is_bit_field) {
		json_object_set_new(
			member, "bit_offset", json_integer((json_int_t)(line->bit_at % 8)));
		json_object_set_new(member, "bits", json_integer((json_int_t)line->bits));
	} else {
		json_object_set_new(member, "size", json_integer((json_int_t)(line->bits / 8)));
	}
	return member;
}

/* The members from *line on up to the end of what encloses them; *line is then that end. */
static json_t *members_as_json(const struct layout_line **line)
{
	json_t *members = json_array();

	for (; (*line)->kind != LAYOUT_CLOSE; ++*line) {
		json_t *inner = NULL;

		if ((*line)->kind == LAYOUT_HOLE)
			continue;
		if ((*line)->kind == LAYOUT_OPEN) {
			++*line;
			inner = members_as_json(line);
		}

		json_t *member = member_as_json(*line);

		if (inner)
			json_object_set_new(member, "members", inner);
		json_array_append_new(members, member);
	}
	return members;
}

static void type_as_json(const struct definition *definition)
{
	json_t *data = named(definition->name);

	if (definition->module)
		json_object_set_new(data, "module", text_of(definition->module));
	if (definition->text)
		json_object_set_new(data, "definition", text_of(definition->text));
	if (definition->layout && definition->layout->lines.count > 0) {
		const struct layout_line *first = &definition->layout->lines.items[1];

		json_object_set_new(
			data, "size", json_integer((json_int_t)definition->layout->size));
		json_object_set_new(data, "members", members_as_json(&first));
	}
	write_object("type", data);
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
