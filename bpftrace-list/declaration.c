/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libbpf visits all types of a BTF at the start of a dump, so one dump is used for many types. It
 * appends numbers to equal names, "file___2", in the order in which it sees them: a text with such
 * a name is written again by a new dump.
 */
#include "declaration.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static void append(void *context, const char *format, va_list args) _printf_(2, 0);

static void append(void *context, const char *format, va_list args)
{
	str_vprintf(context, format, args);
}

struct declarator declarator_make(const struct btf *btf)
{
	return (struct declarator){.btf = btf};
}

void declarator_deinit(struct declarator *declarator)
{
	btf_dump__free(declarator->dump);
	str_deinit(&declarator->text);
	declarator->dump = NULL;
}

static struct error *start(struct declarator *declarator)
{
	btf_dump__free(declarator->dump);
	declarator->spelled = 0;
	declarator->dump = btf_dump__new(declarator->btf, append, &declarator->text, NULL);
	if (!declarator->dump)
		return error_system(errno, "cannot format types as C");
	return NULL;
}

static bool has_number(const char *text)
{
	while ((text = strstr(text, "___"))) {
		text += strspn(text, "_");
		if (isdigit((unsigned char)*text))
			return true;
	}
	return false;
}

static struct error *spell(
	struct declarator *declarator, uint32_t type, const char *name, unsigned depth)
{
	LIBBPF_OPTS(btf_dump_emit_type_decl_opts, options, .field_name = name,
		.indent_level = (int)depth);
	struct error *error = declarator->dump ? NULL : start(declarator);

	if (error)
		return error;
	str_truncate(&declarator->text, 0);
	declarator->spelled++;

	int failed = btf_dump__emit_type_decl(declarator->dump, type, &options);

	return failed < 0 ? error_system(-failed, "cannot format the type as C") : NULL;
}

struct error *declarator_spell(struct declarator *declarator, uint32_t type, const char *name,
	unsigned depth, const char **ret)
{
	struct error *error = spell(declarator, type, name, depth);

	if (!error && declarator->spelled > 1 && has_number(str_text(&declarator->text))) {
		error = start(declarator);
		if (!error)
			error = spell(declarator, type, name, depth);
	}
	if (!error)
		*ret = str_text(&declarator->text);
	return error;
}

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
