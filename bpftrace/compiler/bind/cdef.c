/* SPDX-License-Identifier: Apache-2.0 */
#include "bind.h"

#include <ctype.h>
#include <string.h>

void cdef_parse(struct compilation *c)
{
	struct node *definition;

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
