/* SPDX-License-Identifier: Apache-2.0 */
/* config.max_strlen: a setting in force, as a number or a text. */
#include "scope.h"

#include <string.h>

#include "constant.h"

static struct node *new_text(struct resolver *r, struct span span, const char *text)
{
	return constant_new_text(r->c, span, text ? text : "");
}

static struct node *new_number(struct resolver *r, struct span span, uint64_t value)
{
	return constant_new(r->c, span, (int64_t)value);
}

static struct node *value_of(struct resolver *r, struct span span, const struct setting_desc *desc)
{
	const struct settings *settings = &r->c->settings;

	switch ((enum setting)(desc - setting_descs)) {
#define NUMBER(NAME, name, ...)                                                                    \
	case SETTING_##name:                                                                       \
		return new_number(r, span, settings->name);
#define TEXT(NAME, name, ...)                                                                      \
	case SETTING_##name:                                                                       \
		return new_text(r, span, settings->name);
#define WORD TEXT
#include "bpftrace/door/config.def"
#undef NUMBER
#undef TEXT
#undef WORD
	case NR_SETTINGS: break;
	}
	return NULL;
}

bool scope_setting(struct resolver *r, struct node **slot)
{
	struct member *member = node_member(*slot);
	struct suggestion suggestion = {};
	const struct setting_desc *desc;
	struct node *value;

	if (member->object->kind != NODE_IDENTIFIER ||
		strcmp(node_identifier(member->object)->name, "config") != 0)
		return false;
	desc = setting_find(member->name, &suggestion);
	value = desc ? value_of(r, member->node.span, desc) : NULL;
	if (!value) {
		diag_error(
			r->c->diags, member->node.span, "config has no setting '%s'", member->name);
		if (suggestion.best)
			diag_hint(r->c->diags, "did you mean '%s'?", suggestion.best);
		value = new_number(r, member->node.span, 0);
	}
	generation_note(r->c, &member->node);
	value->next = member->node.next;
	*slot = value;
	return true;
}
