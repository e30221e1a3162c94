/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libbpf visits all types of a BTF at the start of a dump, so one dump is used for many types. It
 * appends numbers to equal names, "file___2", in the order in which it sees them: a text with such
 * a name is written again by a new dump.
 */
#include "declarator.h"

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
