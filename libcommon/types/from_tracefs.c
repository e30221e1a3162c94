/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A format file spells types in C, as the kernel's source has them. Most are integers, whose size
 * and sign are in the file, too; their C type matters where it is narrower than the field, as the
 * arguments of system calls are, which all have words of 8 bytes. What is spelled otherwise is
 * bytes.
 */
#include "intern.h"

#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/host/tracefs.h"

enum {
	WORD = 8, /* bytes of an argument of a system call */
};

static bool is_qualifier(const char *word, size_t length)
{
	static const char *const qualifiers[] = {"const", "volatile", "restrict"};

	for (size_t i = 0; i < ARRAY_SIZE(qualifiers); i++) {
		if (strlen(qualifiers[i]) == length && memcmp(qualifiers[i], word, length) == 0)
			return true;
	}
	return false;
}

/* The type without qualifiers and with no more blanks than it needs: "char**", "struct sk_buff*".
 */
static char *plain(const char *text)
{
	struct str out = STR_INIT;

	while (*text) {
		size_t length = 0;

		while (is_word_char(text[length]))
			length++;
		if (length == 0) {
			if (*text != ' ')
				str_append_char(&out, *text);
			text++;
			continue;
		}
		if (!is_qualifier(text, length)) {
			if (out.length > 0 && is_word_char(out.data[out.length - 1]))
				str_append_char(&out, ' ');
			str_append_bytes(&out, text, length);
		}
		text += length;
	}
	return str_take(&out);
}

static bool is_identifier(const char *text)
{
	size_t length = 0;

	while (is_word_char(text[length]))
		length++;
	return length > 0 && text[length] == '\0';
}

static uint32_t pointed_to(struct types *types, const char *type)
{
	static const char *const keywords[] = {"struct", "union"};

	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		size_t size = strlen(keywords[i]);

		if (strncmp(type, keywords[i], size) == 0 && type[size] == ' ' &&
			is_identifier(type + size + 1))
			return types_forward_kernel(types, keywords[i], type + size + 1);
	}
	return basic_find(types, type);
}

/* type ends in '*'. */
static uint32_t pointer(struct types *types, const char *type, enum address_space space)
{
	size_t length = strlen(type), stars = 0;

	while (stars < length && type[length - stars - 1] == '*')
		stars++;

	_cleanup_free_ char *to = xstrndup(type, length - stars);
	uint32_t id = pointed_to(types, to);

	for (stars = MIN(stars, (size_t)TYPES_DEPTH); stars > 0; stars--)
		id = types_pointer(types, id, space);
	return id;
}

static uint32_t bytes(struct types *types, uint32_t count)
{
	return types_array(types, types_integer(types, 1, false), count);
}

static bool is_integer_size(uint32_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

/* One value of size bytes that is spelled text. */
static uint32_t scalar(struct types *types, const char *text, uint32_t size, bool is_signed,
	enum address_space space)
{
	_cleanup_free_ char *type = plain(text);
	size_t length = strlen(type);

	if (length > 0 && type[length - 1] == '*' && size == 8)
		return pointer(types, type, space);

	uint32_t basic = basic_find(types, type);

	if (basic && types_size(types, basic) <= size)
		return basic;
	if (strncmp(type, "struct ", 7) == 0 || strncmp(type, "union ", 6) == 0)
		return bytes(types, size);
	if (strncmp(type, "enum ", 5) == 0 && size == WORD)
		return types_integer(types, sizeof(int), is_signed);
	return is_integer_size(size) ? types_integer(types, size, is_signed) : bytes(types, size);
}

static uint32_t array(
	struct types *types, const struct tracefs_field *field, enum address_space space)
{
	_cleanup_free_ char *element = plain(field->type);

	if (strcmp(element, "char") == 0)
		return types_string(types, field->size);

	uint32_t basic = basic_find(types, element);
	uint32_t size = basic ? types_size(types, basic)
			      : field->size / (field->count ? field->count : field->size);

	if (size == 0 || field->size % size != 0)
		return bytes(types, field->size);
	if (!basic)
		basic = scalar(types, element, size, field->is_signed, space);
	return types_array(types, basic, field->size / size);
}

static uint32_t located(struct types *types, const struct tracefs_field *field)
{
	enum meaning meaning =
		field->location == TRACEFS_DATA_LOC ? MEANING_DATA_LOC : MEANING_REL_LOC;
	_cleanup_free_ char *element = plain(field->type);
	bool is_string = strcmp(element, "char") == 0;

	return types_with_meaning(types, meaning, types_integer(types, field->size, false),
		is_string ? NULL : element);
}

bool types_is_located(const struct types *types, uint32_t type)
{
	return types_has_meaning(types, type, MEANING_DATA_LOC) ||
	       types_has_meaning(types, type, MEANING_REL_LOC);
}

uint32_t types_located(struct types *types, uint32_t type)
{
	const char *element = types_parameters(types, type);
	uint32_t to;

	if (!*element)
		return 0;
	to = pointed_to(types, element);
	return types_pointer(types, to ? to : types_find(types, NULL, element), ADDRESS_KERNEL);
}

static uint32_t field_type(
	struct types *types, const struct tracefs_field *field, enum address_space space)
{
	if (field->location != TRACEFS_IN_PLACE)
		return located(types, field);
	if (field->is_array)
		return array(types, field, space);
	return scalar(types, field->type, field->size, field->is_signed, space);
}

uint32_t types_from_tracefs(struct types *types, const char *name,
	const struct tracefs_format *format, enum address_space space)
{
	_cleanup_free_ struct types_member *members =
		xcalloc(format->fields.count + 1, sizeof(*members));
	const struct tracefs_field *field;
	uint32_t count = 0, end = 0;

	vec_for_each (&format->fields, field) {
		/* Members of a struct in BTF go forward, those of no size nowhere. */
		if (field->offset < end || field->size == 0)
			continue;
		end = field->offset + field->size;
		members[count++] = (struct types_member){
			.name = field->name,
			.type = field_type(types, field, space),
			.bit_offset = field->offset * 8,
		};
	}
	return types_layout(types, name, members, count, end);
}
