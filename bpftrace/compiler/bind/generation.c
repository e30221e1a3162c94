/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpftrace 0.20 and later versions show some values in different forms. A script is of the newer
 * generation when it uses anything that 0.20 refuses, or where --compat sets it.
 */
#include "bind.h"

#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/format.h"

static bool is_any_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

/* The keys that 0.20 knows. */
static bool is_old_setting(const char *key)
{
	static const char *const keys[] = {
		"cache_user_symbols",
		"cpp_demangle",
		"lazy_symbolication",
		"log_size",
		"max_bpf_progs",
		"max_cat_bytes",
		"max_map_keys",
		"max_probes",
		"max_strlen",
		"max_type_res_iterations",
		"perf_rb_pages",
		"stack_mode",
		"str_trunc_trailer",
	};
	const struct setting_desc *setting = setting_find(key, NULL);

	return is_any_of(setting ? setting->name : key, keys, ARRAY_SIZE(keys));
}

/* "PATH@FILE:LINE" */
static bool is_source_line(const char *text)
{
	const char *colon = strchr(text, ':');
	size_t length = colon ? strcspn(colon + 1, ":") : 0;

	return length && memchr(text, '@', (size_t)(colon - text)) &&
	       strspn(colon + 1, "0123456789") == length;
}

/* "interval:100ms", "interval:m:1": 0.20 wants "interval:ms:100", "interval:s:60". */
static bool is_newer_timer(const char *rest)
{
	static const char *const units[] = {"hz", "s", "ms", "us"};
	const char *colon = strchr(rest, ':');

	if (!colon)
		return true;

	_cleanup_free_ char *unit = xasprintf("%.*s", (int)(colon - rest), rest);

	return !is_any_of(unit, units, ARRAY_SIZE(units));
}

/* "begin", "Kprobe:f", "name=kprobe:f", "rawtracepoint:xfs:xfs_read": 0.20 wants "BEGIN",
 * "kprobe:f", "rawtracepoint:xfs_read". */
static bool is_newer_spelling(const char *text)
{
	static const char *const once[] = {"BEGIN", "END"};
	static const char *const timers[] = {"interval", "i", "profile", "p"};
	static const char *const hooks[] = {"rawtracepoint", "rt"};
	static const char *const functions[] = {"uprobe", "u"};
	const char *colon = strchr(text, ':');

	if (!colon)
		return !is_any_of(text, once, ARRAY_SIZE(once));

	_cleanup_free_ char *type = xasprintf("%.*s", (int)(colon - text), text);

	if (type[strspn(type, "abcdefghijklmnopqrstuvwxyz\"")])
		return true;
	if (is_any_of(type, hooks, ARRAY_SIZE(hooks)))
		return strchr(colon + 1, ':');
	if (is_any_of(type, functions, ARRAY_SIZE(functions)))
		return is_source_line(colon + 1);
	return is_any_of(type, timers, ARRAY_SIZE(timers)) && is_newer_timer(colon + 1);
}

/* "%gr" */
static bool has_newer_conversion(const struct call *call)
{
	const struct string *text = call->arguments && call->arguments->kind == NODE_STRING &&
						    strcmp(call->name, "printf") == 0
					    ? node_string(call->arguments)
					    : NULL;
	_cleanup_(format_deinit) struct format format = {};
	const struct format_item *item;

	if (!text)
		return false;
	error_free(
		format_parse(text->text, text->length, node_count(call->arguments->next), &format));
	vec_for_each (&format.items, item) {
		if (item->conversion == CONVERSION_FLAGS)
			return true;
	}
	return false;
}

/* Of variables 0.20 takes only some as calls; of delete() one argument, of len() maps. */
static bool is_newer_call(const struct call *call)
{
	static const char *const callable[] = {"kstack", "nsecs", "ustack"};
	const struct builtin *builtin = call->builtin;

	if (!builtin)
		return false;
	if (builtin->flags & BUILTIN_NEWER)
		return true;
	if (builtin->kind == BUILTIN_VARIABLE)
		return !is_any_of(call->name, callable, ARRAY_SIZE(callable));
	if (has_newer_conversion(call))
		return true;
	if (strcmp(call->name, "len") == 0)
		return call->arguments && call->arguments->kind != NODE_MAP;
	return strcmp(call->name, "delete") == 0 && node_count(call->arguments) > 1;
}

/* A duration, or true and false, which scope has made numbers. */
static bool is_newer_literal(const struct compilation *c, const struct integer *literal)
{
	return literal->unit || (literal->constant && types_is_bool(c->types, literal->constant));
}

static bool is_enum(struct node *node)
{
	const struct type *type = node ? node_type(node) : NULL;

	return type && type->keyword && strcmp(type->keyword, "enum") == 0 && !type->pointers;
}

static bool is_newer(const struct compilation *c, struct node *node)
{
	switch (node->kind) {
	case NODE_BLOCK_EXPRESSION:
	case NODE_BOOLEAN:
	case NODE_COMPTIME:
	case NODE_FOR:
	case NODE_FUNCTION:
	case NODE_IMPORT:
	case NODE_LET:
	case NODE_MACRO:
	case NODE_MAP_DECLARATION:
	case NODE_RECORD: return true;
	case NODE_ATTACH_POINT: return is_newer_spelling(node_attach_point(node)->text);
	case NODE_CALL: return is_newer_call(node_call(node));
	case NODE_CAST: return is_enum(node_cast(node)->type);
	case NODE_IDENTIFIER:
		return node_identifier(node)->builtin &&
		       node_identifier(node)->builtin->flags & BUILTIN_NEWER;
	case NODE_INTEGER: return is_newer_literal(c, node_integer(node));
	case NODE_JUMP: return node_jump(node)->value;
	case NODE_TYPE: return node_type(node)->of;
	case NODE_PROBE: return node_probe(node)->comma;
	case NODE_SETTING: return !is_old_setting(node_config_setting(node)->key);
	default: return false;
	}
}

static bool look(struct node *node, void *context)
{
	struct compilation *c = context;

	if (is_newer(c, node))
		generation_note(c, node);
	return !c->newer;
}

/* 0.20 has no `args` in raw tracepoints, and takes one BEGIN and one END. */
static void look_at_units(struct compilation *c)
{
	bool is_defined[NR_ATTACH] = {};
	struct unit **unit;

	vec_for_each (&c->units, unit) {
		enum attach_kind attach = (*unit)->matches.items[0].attach;
		bool raw_args = (*unit)->context == CONTEXT_RAW && (*unit)->args;
		bool once_more = attach_has(attach, RUNS_ONCE) && is_defined[attach];

		if (raw_args || once_more)
			generation_note(c, &(*unit)->probe->node);
		is_defined[attach] = true;
	}
}

void generation_note(struct compilation *c, const struct node *node)
{
	if (!c->newer && !*c->settings.compat)
		c->newer = node;
}

void generation_decide(struct compilation *c)
{
	if (*c->settings.compat) {
		c->newer = strcmp(c->settings.compat, "new") == 0 ? &c->program->node : NULL;
		return;
	}
	node_walk(&c->program->node, look, c);
	look_at_units(c);
}
