/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls against the prototypes of their rows. A call that fits one of them goes on to the row's own
 * check. For one that fits none, the message names the prototype that takes its number of arguments
 * and accepts most of them.
 */
#include "check.h"

#include <string.h>

#include "bpftrace/compiler/bind/constant.h"
#include "bpftrace/compiler/bind/infer.h"
#include "bpftrace/compiler/bind/prototype.h"
#include "bpftrace/compiler/bind/typename.h"

/* --- the number of arguments --- */

static const char *count_text(struct compilation *c, size_t count)
{
	static const char *const words[] = {"no arguments", "one argument", "two arguments"};

	if (count < ARRAY_SIZE(words))
		return words[count];
	return arena_printf(c->arena, "%zu arguments", count);
}

static void report_count(struct compilation *c, const struct call *call)
{
	size_t given = node_count(call->arguments), least = SIZE_MAX, most = 0;
	const struct prototypes *prototypes = prototypes_of(c, call->builtin);
	const struct prototype *prototype;
	const char *verb = "requires";

	vec_for_each (prototypes, prototype) {
		least = MIN(least, prototype->required);
		most = MAX(most, prototype->variadic ? SIZE_MAX : prototype->count);
	}
	if (least != most)
		verb = given < least ? "requires at least" : "takes up to";
	diag_error(c->diags, call->node.span, "%s() %s %s (%zu provided)", call->name, verb,
		count_text(c, given < least ? least : most), given);
	if (given < least && prototypes->count == 1)
		prototype_hint(c, call->builtin->prototypes[0]);
}

/* --- their types --- */

static const char *expected(struct compilation *c, const struct parameter *parameter)
{
	static const char *const texts[] = {
		[PARAMETER_INT] = "an integer",
		[PARAMETER_NUMBER] = "an integer",
		[PARAMETER_CONST_INT] = "a constant integer",
		[PARAMETER_STRING] = "a string",
		[PARAMETER_LITERAL] = "a string literal",
		[PARAMETER_POINTER] = "a pointer or an integer",
		[PARAMETER_BYTES] = "an array of bytes",
		[PARAMETER_STACK] = "a stack",
		[PARAMETER_ANY] = "a value",
		[PARAMETER_MAP] = "a map",
		[PARAMETER_ELEMENT] = "an element of a map",
		[PARAMETER_KEY] = "a key",
		[PARAMETER_VARIABLE] = "a variable",
	};
	struct slice type = parameter->type;
	_cleanup_str_ struct str words = STR_INIT;

	if (parameter->kind < ARRAY_SIZE(texts))
		return texts[parameter->kind];
	if (parameter->kind == PARAMETER_TYPE)
		return arena_strndup(c->arena, type.begin, type.length);
	str_append(&words, "one of ");
	for (size_t i = 0; i < type.length; i++) {
		if (type.begin[i] == '|')
			str_append(&words, ", ");
		else
			str_append_char(&words, type.begin[i]);
	}
	return arena_strdup(c->arena, str_text(&words));
}

static const char *found(
	struct compilation *c, const struct parameter *parameter, struct node *argument)
{
	bool is_integer = types_is_integer(c->types, argument->type);
	bool is_string = types_class(c->types, argument->type) == TYPE_STRING;

	if (argument->kind == NODE_IDENTIFIER && !node_identifier(argument)->builtin)
		return node_identifier(argument)->name;
	if (argument->kind == NODE_MAP && parameter->kind == PARAMETER_MAP)
		return arena_printf(c->arena, "an element of %s", node_map_access(argument)->name);
	if (argument->kind == NODE_MAP && !node_map_access(argument)->key &&
		node_map_access(argument)->map->keyed)
		return arena_printf(c->arena, "the map %s", node_map_access(argument)->name);
	if (argument->type && !infer_scalar(c, argument->type))
		return arena_printf(c->arena, "%s, which has no single value",
			typename_spell(c, argument->type));
	if (parameter->kind == PARAMETER_CONST_INT && is_integer)
		return "one known only at run time";
	if (parameter->kind == PARAMETER_LITERAL && is_string)
		return "one known only at run time";
	return typename_spell(c, argument->type);
}

/* The first argument that does not fit, NULL if all do. */
static struct node *first_misfit(struct compilation *c, const struct prototype *prototype,
	const struct call *call, size_t *ret_index)
{
	struct node *argument;
	size_t index = 0;

	node_for_each (call->arguments, argument) {
		if (!prototype_accepts(c, prototype_parameter(prototype, index), argument)) {
			*ret_index = index;
			return argument;
		}
		index++;
	}
	return NULL;
}

/* An argument that fits none of the prototypes that take as many and fit as far as it. */
struct misfit {
	struct node *argument; /* NULL: there is none */
	size_t index;
	VEC(const struct parameter *) parameters;
};

/* "an integer, a string or an array of bytes" */
static void append_expected(struct compilation *c, const struct misfit *misfit, struct str *out)
{
	size_t count = misfit->parameters.count;
	const char *before = "";

	for (size_t i = 0; i < count; i++) {
		const char *text = expected(c, misfit->parameters.items[i]);

		if (strcmp(text, before) == 0)
			continue;
		if (*before)
			str_append(out, i + 1 < count ? ", " : " or ");
		str_append(out, text);
		before = text;
	}
}

static void report_argument(
	struct compilation *c, const struct call *call, const struct misfit *misfit)
{
	const struct parameter *parameter = misfit->parameters.items[0];
	_cleanup_str_ struct str name = STR_INIT, wanted = STR_INIT;

	if (parameter->name.length && misfit->parameters.count == 1)
		str_printf(&name, " (%.*s)", (int)parameter->name.length, parameter->name.begin);
	append_expected(c, misfit, &wanted);
	diag_error(c->diags, misfit->argument->span, "%s: argument %zu%s must be %s, found %s",
		call->name, misfit->index + 1, str_text(&name), str_text(&wanted),
		found(c, parameter, misfit->argument));
	if (parameter->kind == PARAMETER_STRING || parameter->kind == PARAMETER_POINTER)
		infer_hint_comparable(c, misfit->argument->type);
	if (parameter->kind == PARAMETER_STRING)
		infer_hint_str(c, misfit->argument);
}

static void report_mismatch(struct compilation *c, const struct call *call)
{
	size_t given = node_count(call->arguments);
	const struct prototypes *prototypes = prototypes_of(c, call->builtin);
	const struct prototype *prototype;
	struct misfit best = {};

	vec_for_each (prototypes, prototype) {
		struct node *argument;
		size_t index;

		if (!prototype_takes(prototype, given))
			continue;
		argument = first_misfit(c, prototype, call, &index);
		if (!argument || (best.argument && index < best.index))
			continue;
		if (index > best.index)
			best.parameters.count = 0;
		best.argument = argument;
		best.index = index;
		vec_push(&best.parameters, prototype_parameter(prototype, index));
	}
	if (best.argument)
		report_argument(c, call, &best);
	else
		report_count(c, call);
	vec_deinit(&best.parameters);
}

/* --- calls and variables --- */

static bool is_safe(struct compilation *c, struct span span, const struct builtin *builtin)
{
	if (!(builtin->flags & BUILTIN_UNSAFE) || c->request->unsafe)
		return true;
	diag_error(c->diags, span, "%s() is an unsafe function being used in safe mode",
		builtin->name);
	diag_one_cause(c->diags);
	diag_hint(c->diags, "the option --unsafe allows it");
	return false;
}

/* Whoever reads the file of a pinned iterator, it is not this program. */
static bool is_finished(
	struct compilation *c, const struct unit *unit, const struct node *node, unsigned flags)
{
	if (!unit_is_pinned(unit) || !(flags & BUILTIN_ASYNC) || (flags & BUILTIN_WRITES))
		return true;
	diag_error(c->diags, node->span,
		"a pinned iterator runs without bpftrace, which must finish this call");
	diag_hint(c->diags, "printf() writes to the pinned file");
	return false;
}

static void check_one(struct compilation *c, struct unit *unit, struct node *node)
{
	const struct builtin *builtin = NULL;

	if (node->kind == NODE_CALL)
		builtin = node_call(node)->builtin;
	else if (node->kind == NODE_IDENTIFIER)
		builtin = node_identifier(node)->builtin;
	if (!builtin || !is_safe(c, node->span, builtin) ||
		!is_finished(c, unit, node, builtin->flags))
		return;
	if (node->kind == NODE_CALL && !prototype_match(c, node_call(node)))
		report_mismatch(c, node_call(node));
	else if (builtin->check)
		builtin->check(c, unit, node);
}

void check_calls(struct compilation *c)
{
	check_all(c, check_one);
}
