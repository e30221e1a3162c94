/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which options the script declares by getopt("name", DEFAULT, "help"), and what the words of the
 * command line are. This comes before blocks are cloned and before positional parameters are
 * substituted, so the arguments of the calls are literals as written.
 */
#include "bind.h"

#include <string.h>

#define FORM "getopt(\"name\", DEFAULT, \"help\")"

enum { WORD = sizeof(uint64_t) };

static bool is_getopt(const struct call *call)
{
	return strcmp(call->name, "getopt") == 0;
}

static void refuse(struct compilation *c, const struct node *node, const char *what)
{
	diag_error(c->diags, node->span, "getopt: %s", what);
	diag_hint(c->diags, "its form: " FORM);
}

/* Letters, digits, "_" and "-", no "-" first. */
static bool is_name(const char *text, size_t length)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	return length && *text != '-' && strspn(text, allowed) == length;
}

/* As the script has it, or with its minus. */
static const char *integer_text(struct compilation *c, struct node *node, bool is_negative)
{
	const struct integer *integer = node_integer(node);
	const char *source = c->diags->sources.items[node->span.source].text;
	size_t length = node->span.end - node->span.begin;

	if (integer->unit)
		return arena_printf(c->arena, "%s%.*s", is_negative ? "-" : "", (int)length,
			source + node->span.begin);
	return arena_printf(
		c->arena, "%s%llu", is_negative ? "-" : "", (unsigned long long)integer->value);
}

/* Kind and preset by the default; false when it is no literal. */
static bool take_default(struct compilation *c, struct node *node, struct script_option *option)
{
	bool is_negative = node->kind == NODE_UNARY && node_unary(node)->op == OPERATOR_MINUS;

	if (is_negative)
		node = node_unary(node)->operand;
	if (node->kind == NODE_INTEGER) {
		option->kind =
			node_integer(node)->unit ? SCRIPT_OPTION_DURATION : SCRIPT_OPTION_INTEGER;
		option->preset = integer_text(c, node, is_negative);
		return true;
	}
	if (node->kind == NODE_BOOLEAN && !is_negative) {
		option->preset = node_boolean(node)->value ? "true" : "false";
		return true;
	}
	if (node->kind != NODE_STRING || is_negative)
		return false;
	option->kind = SCRIPT_OPTION_STRING;
	option->preset = node_string(node)->text;
	option->size = (uint32_t)MAX(c->settings.max_strlen, node_string(node)->length + 1);
	return strlen(option->preset) == node_string(node)->length;
}

/* The option of a call; false when that is reported. */
static bool read_call(struct compilation *c, struct call *call, struct script_option *ret)
{
	struct node *name = call->arguments;
	struct node *preset = name ? name->next : NULL;
	struct node *help = preset ? preset->next : NULL;

	*ret = (struct script_option){.preset = "false", .help = "", .size = WORD};
	if (!name || (help && help->next)) {
		refuse(c, &call->node, "it takes one to three arguments");
		return false;
	}
	if (name->kind != NODE_STRING ||
		!is_name(node_string(name)->text, node_string(name)->length)) {
		refuse(c, name, "the name must be a literal of letters, digits, - and _");
		return false;
	}
	if (preset && !take_default(c, preset, ret)) {
		refuse(c, preset,
			"the default must be a literal: a number, true, false or a string");
		return false;
	}
	if (help && help->kind != NODE_STRING) {
		refuse(c, help, "the help must be a string literal");
		return false;
	}
	ret->name = node_string(name)->text;
	ret->help = help ? node_string(help)->text : "";
	return true;
}

static struct script_option *find(struct compilation *c, const char *name)
{
	struct script_option *option;

	vec_for_each (&c->options, option) {
		if (strcmp(option->name, name) == 0)
			return option;
	}
	return NULL;
}

static void add(struct compilation *c, struct call *call)
{
	struct script_option option;

	if (!read_call(c, call, &option))
		return;

	struct script_option *known = find(c, option.name);

	if (!known) {
		option.offset = c->options_size;
		c->options_size += (option.size + WORD - 1) / WORD * WORD;
		vec_push(&c->options, option);
		return;
	}
	if (known->kind != option.kind || strcmp(known->preset, option.preset) != 0) {
		diag_error(c->diags, call->node.span,
			"getopt: option --%s has another default elsewhere: %s", option.name,
			*known->preset ? known->preset : "\"\"");
		diag_hint(
			c->diags, "keep the value in a map or a macro to use it in several places");
	}
	if (!*known->help)
		known->help = option.help;
}

static bool visit(struct node *node, void *context)
{
	if (node->kind == NODE_CALL && is_getopt(node_call(node)))
		add(context, node_call(node));
	return true;
}

/* Values that are given while a bundle is saved are its defaults. */
static void keep_values(struct compilation *c)
{
	for (size_t i = 0; i < c->options.count; i++) {
		if (c->arguments.values.items[i])
			c->options.items[i].preset = c->arguments.values.items[i];
	}
}

static void divide(struct compilation *c)
{
	const request_texts *words = &c->request->parameters;

	c->error = script_options_divide(&c->options, words->items, words->count, &c->arguments);
	if (!c->error && c->request->keep)
		keep_values(c);
}

void options_collect(struct compilation *c)
{
	node_walk(&c->program->node, visit, c);
	if (c->request->answer != ANSWER_OPTIONS && !c->diags->errors)
		divide(c);
}

const struct script_option *options_of_call(const struct compilation *c, const struct call *call)
{
	const struct node *name = call->arguments;
	const struct script_option *option;

	vec_for_each (&c->options, option) {
		if (name && name->kind == NODE_STRING &&
			strcmp(option->name, node_string((struct node *)name)->text) == 0)
			return option;
	}
	return NULL;
}
