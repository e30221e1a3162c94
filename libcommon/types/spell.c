/* SPDX-License-Identifier: Apache-2.0 */
/* Types as scripts spell them. */
#include "intern.h"

#include <string.h>

/* No type of a valid BTF is spelled at such length. */
enum { LONGEST = 1 << 16 };

static void spell(const struct types *types, uint32_t id, struct str *out, int depth);

/* "struct name" and the like; types without a name are spelled as unnamed. */
static void spell_tagged(const struct types *types, const char *keyword,
	const struct btf_type *type, struct str *out)
{
	const char *name = btf_text(types->btf, type->name_off);

	str_printf(out, "%s %s", keyword, *name ? name : "(unnamed)");
}

static void spell_pointer(const struct types *types, uint32_t id, struct str *out, int depth)
{
	spell(types, types_pointee(types, id), out, depth);
	str_append(out, out->length > 0 && out->data[out->length - 1] == '*' ? "*" : " *");
}

static void spell_array(const struct types *types, uint32_t id, struct str *out, int depth)
{
	uint32_t count = 0, element = types_element(types, id, &count);

	if (types_class(types, id) == TYPE_STRING)
		str_append(out, "string");
	else
		spell(types, element, out, depth);
	str_printf(out, "[%u]", count);
}

static void spell_tuple(const struct types *types, uint32_t id, struct str *out, int depth)
{
	str_append_char(out, '(');
	for (uint32_t i = 0; i < types_member_count(types, id) && out->length < LONGEST; i++) {
		if (i > 0)
			str_append_char(out, ',');
		spell(types, types_member_at(types, id, i).type, out, depth);
	}
	str_append_char(out, ')');
}

/* "record { .a = int64, .b = string[2] }" */
static void spell_record(const struct types *types, uint32_t id, struct str *out, int depth)
{
	str_append(out, "record {");
	for (uint32_t i = 0; i < types_member_count(types, id) && out->length < LONGEST; i++) {
		struct types_member member = types_member_at(types, id, i);

		str_printf(out, "%s .%s = ", i > 0 ? "," : "", member.name);
		spell(types, member.type, out, depth);
	}
	str_append(out, " }");
}

static void spell_struct(const struct types *types, uint32_t id, struct str *out, int depth)
{
	if (types_is_record(types, id))
		spell_record(types, id, out, depth);
	else
		spell_tagged(types, "struct", types_at(types, id), out);
}

static void spell_kind(const struct types *types, uint32_t id, struct str *out, int depth)
{
	const struct btf_type *type = types_at(types, id);

	switch (btf_kind(type)) {
	case BTF_KIND_PTR: spell_pointer(types, id, out, depth); break;
	case BTF_KIND_ARRAY: spell_array(types, id, out, depth); break;
	case BTF_KIND_STRUCT: spell_struct(types, id, out, depth); break;
	case BTF_KIND_UNION: spell_tagged(types, "union", type, out); break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64: spell_tagged(types, "enum", type, out); break;
	case BTF_KIND_FWD:
		spell_tagged(types, btf_kflag(type) ? "union" : "struct", type, out);
		break;
	case BTF_KIND_TYPEDEF:
		if (types_class(types, id) == TYPE_TUPLE)
			spell_tuple(types, id, out, depth);
		else if (types_is_widened(types, id, NULL))
			spell(types, type->type, out, depth);
		else
			str_append(out, btf_text(types->btf, type->name_off));
		break;
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT: str_append(out, btf_text(types->btf, type->name_off)); break;
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG: spell(types, type->type, out, depth); break;
	case BTF_KIND_FUNC:
	case BTF_KIND_FUNC_PROTO: str_append(out, "function"); break;
	default: str_append(out, "void");
	}
}

static void spell(const struct types *types, uint32_t id, struct str *out, int depth)
{
	if (depth == TYPES_DEPTH || out->length > LONGEST)
		str_append(out, "…");
	else
		spell_kind(types, id, out, depth + 1);
}

void types_spell(const struct types *types, uint32_t type, struct str *out)
{
	spell(types, type, out, 0);
}
