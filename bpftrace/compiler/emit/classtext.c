/* SPDX-License-Identifier: Apache-2.0 */
/* Classes are known by their names, and their members by those of GCC's library (libstdc++). */
#include "classtext.h"

#include <string.h>

#include "access.h"

enum { PATH_MOST = 2 };

static const struct row {
	const char *name; /* how the class's name begins */
	const char *characters[PATH_MOST], *length[PATH_MOST];
} rows[] = {
	{"std::__cxx11::basic_string<char,", {"_M_dataplus", "_M_p"}, {"_M_string_length"}},
	{"std::basic_string_view<char,", {"_M_str"}, {"_M_len"}},
};

static const struct row *find(const struct types *types, uint32_t type)
{
	static const char keyword[] = "struct ";
	_cleanup_str_ struct str spelled = STR_INIT;
	const char *name;

	if (types_class(types, type) != TYPE_STRUCT)
		return NULL;
	types_spell(types, type, &spelled);
	name = str_text(&spelled);
	if (strncmp(name, keyword, strlen(keyword)) == 0)
		name += strlen(keyword);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strncmp(name, rows[i].name, strlen(rows[i].name)) == 0)
			return &rows[i];
	}
	return NULL;
}

/* False when the class has other members than the library's. */
static bool follow(struct emitter *e, struct value object, const char *const path[PATH_MOST],
	LLVMValueRef *ret)
{
	struct types_member member;

	for (size_t i = 0; i < PATH_MOST && path[i]; i++) {
		uint32_t type = types_complete(e->c->types, object.type);

		if (!types_member(e->c->types, type, path[i], &member))
			return false;
		object = access_member(e, object, member);
	}
	if (!types_is_scalar(e->c->types, object.type))
		return false;
	*ret = access_load(e, object);
	return true;
}

bool classtext_find(
	struct emitter *e, uint32_t pointer_type, LLVMValueRef address, struct value *ret)
{
	struct value object = access_pointee(e, pointer_type, address);
	const struct row *row = find(e->c->types, object.type);
	LLVMValueRef characters, length;

	if (!row || !follow(e, object, row->characters, &characters) ||
		!follow(e, object, row->length, &length))
		return false;
	*ret = (struct value){
		.storage = object.storage,
		.llvm = characters,
		.length = length,
	};
	return true;
}
