/* SPDX-License-Identifier: Apache-2.0 */
/* Classes are known by their names and members: of GCC's library (libstdc++), of views also LLVM's
 * (libc++), and Rust's. */
#include "class_text.h"

#include <string.h>

#include "libcommon/base/str.h"

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
