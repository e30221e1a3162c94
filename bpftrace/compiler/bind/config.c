/* SPDX-License-Identifier: Apache-2.0 */
#include "bind.h"

#include <inttypes.h>

/* The value of a setting as text; NULL when it is of a kind that no setting takes. */
static const char *value_text(struct compilation *c, struct node *value)
{
	switch (value->kind) {
	case NODE_INTEGER: return arena_printf(c->arena, "%" PRIu64, node_integer(value)->value);
	case NODE_BOOLEAN: return node_boolean(value)->value ? "1" : "0";
	case NODE_STRING: return node_string(value)->text;
	case NODE_IDENTIFIER: return node_identifier(value)->name;
	default: return NULL;
	}
}

/* A key that is no setting. */
static void report_unknown(struct compilation *c, const struct config_setting *node)
{
	struct suggestion suggestion;

	setting_find(node->key, &suggestion);
	switch (setting_effect(node->key)) {
	case SETTING_WITHOUT_EFFECT: return;
	case SETTING_UNSTABLE:
		diag_warning(
			c->diags, node->node.span, "%s is not known and has no effect", node->key);
		return;
	case SETTING_UNKNOWN: break;
	}
	diag_error(c->diags, node->node.span, "Unrecognized config variable: %s", node->key);
	if (suggestion.best)
		diag_hint(c->diags, "did you mean '%s'?", suggestion.best);
}

static const struct setting_desc *find_renamed(
	struct compilation *c, const struct config_setting *node, const char **value)
{
	const struct setting_desc *row = setting_find_renamed(node->key, value);

	if (row)
		diag_warning(c->diags, node->node.span, "%s has been renamed, please use %s",
			node->key, row->name);
	return row;
}

static void apply(struct compilation *c, struct config_setting *node)
{
	const char *value = value_text(c, node->value);
	const struct setting_desc *row = setting_find(node->key, NULL);

	if (!row)
		row = find_renamed(c, node, &value);
	if (!row) {
		report_unknown(c, node);
		return;
	}
	if (row->scope == SETTING_ENVIRONMENT) {
		diag_error(c->diags, node->node.span,
			"%s can only be set in the environment, by the variable %s", row->name,
			row->variable);
		return;
	}
	if (!value) {
		diag_error(c->diags, node->value->span,
			"the value of a setting is a number, a word or a string");
		return;
	}

	/* What the environment set stays, but the script's value must be right all the same. */
	struct settings settings = c->settings;
	_cleanup_error_ struct error *error = settings_set(&settings, row, value, c->arena);

	if (error)
		diag_error(c->diags, node->value->span, "%s", error->message);
	else if (!c->settings.from_environment[row - setting_descs])
		c->settings = settings;
}

void config_apply(struct compilation *c)
{
	struct node *definition, *setting;

	node_for_each (c->program->definitions, definition) {
		if (definition->kind != NODE_CONFIG)
			continue;
		node_for_each (node_config(definition)->settings, setting)
			apply(c, node_config_setting(setting));
	}
}
