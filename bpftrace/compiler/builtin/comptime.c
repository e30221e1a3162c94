/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions about types that the compiler answers, and mistakes that a script reports about its own
 * use. Arguments are never evaluated by programs; of all this no code is left.
 */
#include <string.h>

#include "bpftrace/compiler/bind/comptime.h"
#include "bpftrace/compiler/bind/infer.h"
#include "bpftrace/compiler/bind/typename.h"
#include "bpftrace/compiler/emit/emitter.h"
#include "builtin_table.h"
#include "libcommon/base/format.h"
#include "libcommon/base/str.h"

static uint32_t argument_type(struct node *call)
{
	return node_call(call)->arguments->type;
}

static bool answer(bool value, struct comptime_value *ret)
{
	*ret = (struct comptime_value){.number = value};
	return true;
}

/* A question about the type of the argument; false while that is not known. */
#define QUESTION(name, condition)                                                                  \
	static bool name(struct compilation *c, struct unit *unit _unused_, struct node *call,     \
		const char *member, struct comptime_value *ret)                                    \
	{                                                                                          \
		uint32_t type = argument_type(call);                                               \
                                                                                                   \
		return type && !member && answer(condition, ret);                                  \
	}

QUESTION(is_str, types_class(c->types, type) == TYPE_STRING)
QUESTION(is_ptr, types_class(c->types, type) == TYPE_POINTER)
QUESTION(is_array, types_class(c->types, type) == TYPE_ARRAY)
QUESTION(is_integer, types_is_integer(c->types, type))
QUESTION(is_unsigned_integer, types_is_integer(c->types, type) && !types_is_signed(c->types, type))

static bool is_literal(struct compilation *c _unused_, struct unit *unit _unused_,
	struct node *call, const char *member, struct comptime_value *ret)
{
	enum node_kind kind = node_call(call)->arguments->kind;

	return !member &&
	       answer(kind == NODE_INTEGER || kind == NODE_STRING || kind == NODE_BOOLEAN, ret);
}

/* --- typeinfo --- */

static const char *base_name(const struct types *types, uint32_t type)
{
	switch (types_class(types, type)) {
	case TYPE_INTEGER: return "int";
	case TYPE_ENUM: return "enum";
	case TYPE_STRING: return "string";
	case TYPE_POINTER: return "pointer";
	case TYPE_ARRAY: return "array";
	case TYPE_STRUCT: return "struct";
	case TYPE_UNION: return "union";
	case TYPE_TUPLE: return "tuple";
	default: return NULL;
	}
}

static bool typeinfo(struct compilation *c, struct unit *unit _unused_, struct node *call,
	const char *member, struct comptime_value *ret)
{
	uint32_t type = argument_type(call);
	_cleanup_str_ struct str name = STR_INIT;
	const char *base = type ? base_name(c->types, type) : NULL;

	if (!type)
		return false;
	types_spell(c->types, type, &name);
	*ret = (struct comptime_value){.text = arena_strdup(c->arena, str_text(&name))};
	if (!member || strcmp(member, "full_type") == 0)
		return true;
	if (base)
		ret->text = base;
	return strcmp(member, "base_type") == 0;
}

static void infer_typeinfo(struct compilation *c, struct unit *unit, struct node *node)
{
	node->type = comptime_infer_text(c, unit, node);
}

/* --- what the traced system has --- */

static const char *literal_of(const struct node *node)
{
	return node && node->kind == NODE_STRING ? ((const struct string *)node)->text : NULL;
}

static bool has_field(struct compilation *c, struct unit *unit, struct node *call,
	const char *member, struct comptime_value *ret)
{
	struct node *owner = node_call(call)->arguments;
	const char *name = literal_of(owner->next);
	struct types_member found;
	uint32_t type = owner->type;

	if (member || !name)
		return false;
	if (owner->kind == NODE_TYPE)
		type = typename_resolve(c, unit, node_type(owner), false);
	else if (!type)
		return false;
	while (type && types_class(c->types, type) == TYPE_POINTER)
		type = types_pointee(c->types, type);
	type = type ? types_complete(c->types, type) : 0;
	return answer(type &&
			      (types_class(c->types, type) == TYPE_STRUCT ||
				      types_class(c->types, type) == TYPE_UNION) &&
			      types_member(c->types, type, name, &found),
		ret);
}

static bool kfunc_exist(struct compilation *c, struct unit *unit _unused_, struct node *call,
	const char *member, struct comptime_value *ret)
{
	const char *name = literal_of(node_call(call)->arguments);
	const struct btf *btf;

	if (member || !name)
		return false;

	_cleanup_error_ struct error *error = kbtf_btf(c->kbtf, &btf);

	return answer(!error && btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0, ret);
}

/* Scripts have no calls of such functions. */
static bool kfunc_allowed(struct compilation *c _unused_, struct unit *unit _unused_,
	struct node *call _unused_, const char *member, struct comptime_value *ret)
{
	return !member && answer(false, ret);
}

/* --- static_assert, fail --- */

static void infer_static_assert(struct compilation *c, struct unit *unit, struct node *node)
{
	struct node *condition = node_call(node)->arguments;
	struct node *message = condition ? condition->next : NULL;
	bool holds = false;

	if (!c->infer_last || !message)
		return;
	if (!comptime_holds(c, unit, condition, &holds))
		infer_error(c, condition->span, "this is not known while compiling");
	else if (!holds)
		infer_error(c, node->span, "%s",
			message->kind == NODE_STRING ? node_string(message)->text
						     : "the assertion does not hold");
}

static void append_value(struct compilation *c, struct unit *unit, struct node *node,
	const struct format_item *item, struct str *out)
{
	struct comptime_value value = {};

	if (!comptime_evaluate(c, unit, node, &value))
		str_append(out, "?");
	else if (value.text)
		str_append(out, value.text);
	else if (item->conversion == CONVERSION_SIGNED || item->conversion == CONVERSION_UNSIGNED)
		format_integer(item, (uint64_t)value.number, out);
	else
		format_decimal((uint64_t)value.number, true, out);
}

/* The format with its arguments, of which each conversion takes one. */
static void append_message(
	struct compilation *c, struct unit *unit, const struct call *call, struct str *out)
{
	const struct string *text = node_string(call->arguments);
	struct node *argument = call->arguments->next;
	_cleanup_(format_deinit) struct format format = {};
	const struct format_item *item;

	error_free(format_parse(text->text, text->length, node_count(argument), &format));
	vec_for_each (&format.items, item) {
		str_append_bytes(out, item->literal, item->literal_length);
		if (item->conversion == CONVERSION_NONE || !argument)
			continue;
		append_value(c, unit, argument, item, out);
		argument = argument->next;
	}
}

static void infer_fail(struct compilation *c, struct unit *unit, struct node *node)
{
	const struct call *call = node_call(node);
	_cleanup_str_ struct str message = STR_INIT;

	if (!c->infer_last || !call->arguments || call->arguments->kind != NODE_STRING)
		return;
	append_message(c, unit, call, &message);
	infer_error(c, node->span, "%s", str_text(&message));
}

static struct value emit_nothing(struct emitter *e _unused_, struct node *node _unused_)
{
	return value_none();
}

#define IS(NAME, text)                                                                             \
	{                                                                                          \
		.name = #NAME, .doc = text, .kind = BUILTIN_FUNCTION, .flags = BUILTIN_NEWER,      \
		.prototypes = {#NAME "(any value) bool"}, .evaluate = NAME,                        \
	}

const struct builtin builtins_comptime[] = {
	IS(is_str, "whether the value is a string; known while compiling"),
	IS(is_ptr, "whether the value is a pointer; known while compiling"),
	IS(is_array, "whether the value is an array; known while compiling"),
	IS(is_integer, "whether the value is an integer; known while compiling"),
	IS(is_unsigned_integer, "whether the value is an unsigned integer; known while compiling"),
	IS(is_literal, "whether the argument is a literal; known while compiling"),
	{
		.name = "typeinfo",
		.doc = "the type of a value: .base_type (int, string …) and .full_type, known "
		       "while compiling",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"typeinfo(any value) string"},
		.infer = infer_typeinfo,
		.evaluate = typeinfo,
	},
	{
		.name = "has_field",
		.doc = "whether a struct has a member: has_field(struct task_struct, pid); known "
		       "while compiling",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"has_field(any type, literal member) bool"},
		.evaluate = has_field,
	},
	{
		.name = "kfunc_exist",
		.doc = "whether the kernel that the script is compiled for has a function; known "
		       "while compiling",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"kfunc_exist(literal name) bool"},
		.evaluate = kfunc_exist,
	},
	{
		.name = "kfunc_allowed",
		.doc = "whether scripts can call a function of the kernel: they can call none; "
		       "known while compiling",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"kfunc_allowed(literal name) bool"},
		.evaluate = kfunc_allowed,
	},
	{
		.name = "container_of",
		.doc = "the struct that has a pointer's target as its member: "
		       "container_of($se, struct task_struct, se)",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"container_of(pointer p, any type, any member) any"},
	},
	{
		.name = "static_assert",
		.doc = "ends compiling with the message unless the condition, which must be known "
		       "while compiling, holds",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_NEWER,
		.prototypes = {"static_assert(any condition, literal message) void"},
		.infer = infer_static_assert,
		.emit = emit_nothing,
	},
	{
		.name = "fail",
		.doc = "ends compiling with the message where no comptime condition excludes it",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_NEWER,
		.prototypes = {"fail(literal format, any...) void"},
		.infer = infer_fail,
		.emit = emit_nothing,
	},
	{},
};
