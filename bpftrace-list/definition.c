/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libbpf writes a type after all that it needs, so that a compiler could read it. Only the type
 * itself is wanted here: it is the last thing written, behind an empty line.
 */
#include "definition.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *keyword;
	uint32_t kinds;
} rows[] = {
	{"struct", 1u << BTF_KIND_STRUCT},
	{"union", 1u << BTF_KIND_UNION},
	{"enum", 1u << BTF_KIND_ENUM | 1u << BTF_KIND_ENUM64},
};

bool definition_parse(const char *text, uint32_t *ret_kinds, const char **ret_name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t size = strlen(rows[i].keyword);

		if (strncmp(text, rows[i].keyword, size) != 0 || text[size] != ' ')
			continue;
		*ret_kinds = rows[i].kinds;
		*ret_name = text + size + strspn(text + size, " ");
		return true;
	}
	return false;
}

const char *definition_keyword(const struct btf_type *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].kinds & (1u << btf_kind(type)))
			return rows[i].keyword;
	}
	return "";
}

static void append(void *context, const char *format, va_list args) _printf_(2, 0);

static void append(void *context, const char *format, va_list args)
{
	str_vprintf(context, format, args);
}

static void cleanup_dump(struct btf_dump **dump)
{
	btf_dump__free(*dump);
}

struct error *definition_write(const struct btf *btf, uint32_t id, struct str *out)
{
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_(cleanup_dump) struct btf_dump *dump = btf_dump__new(btf, append, &text, NULL);

	if (!dump)
		return error_system(errno, "cannot write types");

	int error = btf_dump__dump_type(dump, id);

	if (error < 0)
		return error_system(-error, "cannot write the type");
	while (text.length > 0 && text.data[text.length - 1] == '\n')
		str_truncate(&text, text.length - 1);

	const char *begin = str_text(&text);

	for (const char *gap; (gap = strstr(begin, "\n\n"));)
		begin = gap + 2;
	str_append(out, begin);
	return NULL;
}
