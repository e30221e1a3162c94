/* SPDX-License-Identifier: Apache-2.0 */
#include "bind.h"

#include <ctype.h>
#include <string.h>

/* They would stand in front of the script's first line. */
static void refuse_include_files(struct compilation *c)
{
	const struct span start = {.source = c->source};
	const char **file;

	vec_for_each (&c->request->include_files, file)
		diag_error(c->diags, start, "--include %s: not available yet", *file);
}

void cdef_parse(struct compilation *c)
{
	struct node *definition;

	refuse_include_files(c);
	node_for_each (c->program->definitions, definition) {
		if (definition->kind != NODE_C_TEXT)
			continue;

		const char *text = node_c_text(definition)->text;
		int length = *text == '#' ? 1 : 0;

		while (isalpha((unsigned char)text[length]))
			length++;
		diag_error(c->diags, definition->span, "%.*s: not available yet", length, text);
	}
}
