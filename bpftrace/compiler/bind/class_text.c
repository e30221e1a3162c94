/* SPDX-License-Identifier: Apache-2.0 */
/* Classes are known by their names and members: of GCC's library (libstdc++), of views also LLVM's
 * (libc++), and Rust's. */
#include "class_text.h"

#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/str.h"

enum { DEPTH_MOST = 8 }; /* of structs within one another */

static const struct class_text rows[] = {
	{"std::__cxx11::basic_string<char,", {"_M_dataplus", "_M_p"}, {"_M_string_length"}},
	{"std::basic_string_view<char,", {"_M_str"}, {"_M_len"}},
	{"std::__1::basic_string_view<char,", {"__data_"}, {"__size_"}},
	{"&str", {"data_ptr"}, {"length"}},
	{"alloc::string::String", {"vec", "buf", "inner", "ptr", "pointer", "pointer"},
		{"vec", "len"}},
	{"alloc::string::String", {"vec", "buf", "ptr", "pointer", "pointer"}, {"vec", "len"}},
};

static bool has_name(const struct class_text *row, const char *name)
{
	size_t length = strlen(row->name);

	if (row->name[length - 1] == ',')
		return strncmp(name, row->name, length) == 0;
	return strcmp(name, row->name) == 0;
}

static bool leads_to_scalar(struct types *types, uint32_t type, const char *const *path)
{
	struct types_member member;

	for (size_t i = 0; i < CLASS_PATH_MOST && path[i]; i++) {
		type = types_complete(types, type);
		if (!types_member(types, type, path[i], &member))
			return false;
		type = member.type;
	}
	return types_is_scalar(types, type);
}

const struct class_text *class_text_find(struct types *types, uint32_t type)
{
	static const char keyword[] = "struct ";
	_cleanup_str_ struct str spelled = STR_INIT;
	const char *name;

	if (!type || types_class(types, type) != TYPE_STRUCT)
		return NULL;
	types_spell(types, type, &spelled);
	name = str_text(&spelled);
	if (strncmp(name, keyword, strlen(keyword)) == 0)
		name += strlen(keyword);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (has_name(&rows[i], name) && leads_to_scalar(types, type, rows[i].characters) &&
			leads_to_scalar(types, type, rows[i].length))
			return &rows[i];
	}
	return NULL;
}

static uint32_t shown(struct types *types, uint32_t type, uint32_t size, unsigned depth)
{
	uint32_t whole = type ? types_complete(types, types_strip(types, type)) : 0;
	uint32_t count;
	bool has_text = false;

	if (!whole || depth > DEPTH_MOST || types_class(types, whole) != TYPE_STRUCT)
		return type;
	if (class_text_find(types, whole))
		return types_string(types, size);
	count = types_member_count(types, whole);

	_cleanup_free_ struct types_field *fields = xcalloc(count + 1, sizeof(*fields));

	for (uint32_t i = 0; i < count; i++) {
		struct types_member member = types_member_at(types, whole, i);

		if (member.bit_size)
			return type;
		fields[i].name = member.name;
		fields[i].type = shown(types, member.type, size, depth + 1);
		has_text |= fields[i].type != member.type;
	}
	return has_text ? types_struct(types, NULL, fields, count) : type;
}

uint32_t class_text_shown(struct types *types, uint32_t type, uint32_t size)
{
	return shown(types, type, size, 0);
}
