/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of scripts, (a = 1, b = "x"): structs whose members are found by name, so that two with
 * the same names in another order go together. Their name is a keyword of C, which no foreign
 * struct can have.
 */
#include "intern.h"

#include <string.h>

const char record_name[] = "auto";

uint32_t types_record(struct types *types, const struct types_field *fields, size_t count)
{
	return types_struct(types, record_name, fields, count);
}

bool types_is_record(const struct types *types, uint32_t type)
{
	const struct btf_type *stripped = types_at(types, types_strip(types, type));

	return btf_is_struct(stripped) &&
	       strcmp(btf_text(types->btf, stripped->name_off), record_name) == 0;
}

uint32_t record_join(struct types *types, uint32_t a, uint32_t b)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	uint32_t count = types_member_count(types, a);
	struct types_field *fields = arena_array(&arena, struct types_field, count + 1);
	struct types_member member;

	if (count != types_member_count(types, b))
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		struct types_member own = types_member_at(types, a, i);

		if (!types_member(types, b, own.name, &member))
			return 0;
		fields[i].name = arena_strdup(&arena, own.name);
		fields[i].type = types_join(types, own.type, member.type);
		if (!fields[i].type)
			return 0;
	}
	return types_record(types, fields, count);
}
