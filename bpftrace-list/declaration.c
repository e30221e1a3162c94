/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libbpf writes a type after all that it needs, so that a compiler could read it. Only the type
 * itself is wanted here: it is the last thing written, behind an empty line.
 */
#include "declaration.h"

#include <errno.h>
#include <string.h>

static void append(void *context, const char *format, va_list args) _printf_(2, 0);

static void append(void *context, const char *format, va_list args)
{
	str_vprintf(context, format, args);
}

struct error *declarator_init(struct declarator *declarator, const struct btf *btf)
{
	*declarator = (struct declarator){};
	declarator->dump = btf_dump__new(btf, append, &declarator->text, NULL);
	if (!declarator->dump)
		return error_system(errno, "cannot write types");
	return NULL;
}

void declarator_deinit(struct declarator *declarator)
{
	btf_dump__free(declarator->dump);
	str_deinit(&declarator->text);
}

struct error *declarator_spell(
	struct declarator *declarator, uint32_t type, const char *name, const char **ret)
{
	LIBBPF_OPTS(btf_dump_emit_type_decl_opts, options, .field_name = name);

	str_truncate(&declarator->text, 0);

	int error = btf_dump__emit_type_decl(declarator->dump, type, &options);

	if (error < 0)
		return error_system(-error, "cannot write the type");
	*ret = str_text(&declarator->text);
	return NULL;
}

struct error *declaration_write(const struct btf *btf, uint32_t id, struct str *out)
{
	_cleanup_(declarator_deinit) struct declarator declarator;
	struct error *error = declarator_init(&declarator, btf);

	if (error)
		return error;

	struct str *text = &declarator.text;
	int failed = btf_dump__dump_type(declarator.dump, id);

	if (failed < 0)
		return error_system(-failed, "cannot write the type");
	while (text->length > 0 && text->data[text->length - 1] == '\n')
		str_truncate(text, text->length - 1);

	const char *begin = str_text(text);

	for (const char *gap; (gap = strstr(begin, "\n\n"));)
		begin = gap + 2;
	str_append(out, begin);
	return NULL;
}
