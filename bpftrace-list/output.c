/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <stdio.h>
#include <string.h>

#include "libcommon/base/json.h"

static void probe_as_text(const char *name, const char *declarations)
{
	printf("%s\n%s", name, declarations ? declarations : "");
}

static void type_as_text(const char *name, const char *definition)
{
	printf("%s\n", definition ? definition : name);
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

/* {"type": …, "data": {"name": …, more}} on a line; takes over more, which may be NULL. */
static void write_object(const char *type, const char *name, const char *key, json_t *more)
{
	_cleanup_json_ json_t *object = json_object();
	_cleanup_str_ struct str line = STR_INIT;
	json_t *data = json_object();

	json_object_set_new(object, "type", text_of(type));
	json_object_set_new(object, "data", data);
	json_object_set_new(data, "name", text_of(name));
	if (more)
		json_object_set_new(data, key, more);
	json_append(object, &line);
	printf("%s\n", str_text(&line));
}

static void probe_as_json(const char *name, const char *declarations)
{
	write_object("probe", name, "arguments", declarations ? lines_of(declarations) : NULL);
}

static void type_as_json(const char *name, const char *definition)
{
	write_object("type", name, "definition", definition ? text_of(definition) : NULL);
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
