/* SPDX-License-Identifier: Apache-2.0 */
#include "declaration.h"

const char *declaration_name(const struct btf *btf, uint32_t offset)
{
	const char *name = btf__name_by_offset(btf, offset);

	return name ? name : "";
}

static void write_value(
	const struct btf *btf, const struct btf_type *type, uint32_t index, struct str *out)
{
	bool is_signed = btf_kflag(type);

	if (btf_is_enum(type)) {
		const struct btf_enum *value = &btf_enum(type)[index];

		str_printf(out, is_signed ? "\t%s = %d,\n" : "\t%s = %u,\n",
			declaration_name(btf, value->name_off), value->val);
		return;
	}

	const struct btf_enum64 *value = &btf_enum64(type)[index];

	str_printf(out, is_signed ? "\t%s = %lldLL,\n" : "\t%s = %lluULL,\n",
		declaration_name(btf, value->name_off), (long long)btf_enum64_value(value));
}

struct error *declaration_write(struct declarator *declarator, uint32_t id, struct str *out)
{
	const struct btf *btf = declarator->btf;
	const struct btf_type *type = btf__type_by_id(btf, id);
	const char *name = declaration_name(btf, type->name_off), *text;

	if (btf_is_any_enum(type)) {
		str_printf(out, "enum %s {\n", name);
		for (uint32_t i = 0; i < btf_vlen(type); i++)
			write_value(btf, type, i, out);
		str_append(out, "};");
		return NULL;
	}

	struct error *error = declarator_spell(declarator, type->type, name, 0, &text);

	if (!error)
		str_printf(out, "typedef %s;", text);
	return error;
}
