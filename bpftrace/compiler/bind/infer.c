/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types are found by rounds over all blocks. Variables, map keys and map values are slots; each
 * round computes every expression's type from what the slots hold so far and lets the slots grow by
 * what is put into them (types_join). Slots only grow and cannot grow for ever, so there is a round
 * in which none does: then everything is known, and one more round over the same types reports the
 * mistakes.
 *
 * Integers: operands become 64 bits wide. An int64 of a signed type, of a difference or of a minus
 * prevails over uint64, which prevails over other numbers (type_number). Comparisons and logic
 * yield a bool, which counts as 0 or 1. Type 0 is unknown, or wrong and reported elsewhere; it is
 * never reported again.
 */
#include "infer.h"

#include <stdarg.h>
#include <string.h>

#include "class_text.h"
#include "comptime.h"
#include "constant.h"
#include "scope.h"
#include "libcommon/types/number_names.h"
#include "typename.h"

/* --- the rules --- */

uint32_t infer_scalar(struct compilation *c, uint32_t type)
{
	switch (types_reading(c->types, type)) {
	case READS_ITSELF: return type;
	case READS_FIELDS:
	case READS_SLOTS:
	case READS_BUCKETS: return 0;
	case READS_COUNT:
	case READS_SUM:
	case READS_EXTREME:
	case READS_AVERAGE: break;
	}
	return types_aggregates_unsigned(c->types, type) ? type_uint64(c) : type_int64(c);
}

uint32_t infer_promote(struct compilation *c, uint32_t type)
{
	if (types_is_signed(c->types, type))
		return types_is_widened(c->types, type, NULL) ? type_number(c) : type_int64(c);
	return types_size(c->types, type) == sizeof(uint64_t) ? type_uint64(c) : type_number(c);
}

/* Bytes that the longest name of the attach points takes with its NUL. */
static uint32_t longest_name(struct compilation *c)
{
	size_t longest = 0;
	struct probe_match *match;
	struct unit **unit;

	vec_for_each (&c->units, unit) {
		vec_for_each (&(*unit)->matches, match) {
			longest = MAX(longest, strlen(match->name));
			longest = MAX(longest, match->function ? strlen(match->function) : 0);
		}
	}
	return (uint32_t)longest + 1;
}

uint32_t infer_text(struct compilation *c, uint32_t type)
{
	if (class_text_find(c->types, type))
		return types_string(c->types, c->settings.max_strlen);
	if (number_names_have(c->types, type))
		return types_string(c->types,
			number_names_size(types_meaning_of(c->types, type), host_arch(c->host)));
	if (!type || !types_is_name(c->types, type))
		return type;
	if (!c->name_size)
		c->name_size = longest_name(c);
	return types_string(c->types, c->name_size);
}

uint32_t infer_stored(struct compilation *c, uint32_t type)
{
	type = infer_scalar(c, type);
	if (!type)
		return 0;
	if (types_is_widened(c->types, type, NULL))
		return type;
	if (types_is_bool(c->types, type))
		return type_bool(c);
	if (types_class(c->types, type) == TYPE_ENUM)
		return types_strip(c->types, type);
	if (types_is_integer(c->types, type))
		return types_integer(
			c->types, types_size(c->types, type), types_is_signed(c->types, type));
	if (types_class(c->types, type) == TYPE_STRING)
		return types_string(c->types, types_size(c->types, type));
	if (types_class(c->types, type) == TYPE_STRUCT)
		return infer_text(c, type);
	return type;
}

static uint32_t join_tuples(struct compilation *c, uint32_t a, uint32_t b)
{
	uint32_t count = types_member_count(c->types, a);
	uint32_t *elements = arena_array(c->arena, uint32_t, count + 1);

	if (count != types_member_count(c->types, b))
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		elements[i] = infer_join(c, types_member_at(c->types, a, i).type,
			types_member_at(c->types, b, i).type);
		if (!elements[i])
			return 0;
	}
	return types_tuple(c->types, elements, count);
}

uint32_t infer_join(struct compilation *c, uint32_t a, uint32_t b)
{
	uint32_t joined = types_join(c->types, a, b);

	if (joined || !a || !b)
		return joined;
	if (infer_is(c, a, TYPE_TUPLE) && infer_is(c, b, TYPE_TUPLE))
		return join_tuples(c, a, b);
	return types_join(c->types, infer_text(c, a), infer_text(c, b));
}

static bool grow(struct compilation *c, uint32_t *slot, uint32_t type)
{
	uint32_t joined = infer_join(c, *slot, type);

	if (!joined)
		return !*slot && !type;
	if (joined != *slot) {
		*slot = joined;
		c->infer_grew = true;
	}
	return true;
}

bool infer_grow(
	struct compilation *c, uint32_t *slot, uint32_t type, struct span *first, struct span span)
{
	if (!*slot)
		*first = span;
	return grow(c, slot, type);
}

static bool is_reported(const struct compilation *c, struct span span)
{
	const struct diag *diag;

	vec_for_each (&c->diags->list, diag) {
		if (diag->span.source == span.source && diag->span.begin == span.begin &&
			diag->span.end == span.end)
			return true;
	}
	return false;
}

bool infer_error(struct compilation *c, struct span span, const char *format, ...)
{
	_cleanup_str_ struct str message = STR_INIT;
	va_list args;

	if (!c->infer_last || is_reported(c, span))
		return false;
	va_start(args, format);
	str_vprintf(&message, format, args);
	va_end(args);
	diag_error(c->diags, span, "%s", str_text(&message));
	return true;
}

uint32_t infer_operand(struct compilation *c, struct unit *unit, struct node *node)
{
	uint32_t type = infer_expression(c, unit, node);
	uint32_t readable = infer_scalar(c, type);

	if (type && !readable)
		infer_error(c, node->span, "'%s' has no single value that could be used here",
			typename_spell(c, type));
	return readable;
}

uint32_t infer_value(struct compilation *c, struct unit *unit, struct node *node)
{
	return infer_stored(c, infer_operand(c, unit, node));
}

/* --- assignments --- */

void infer_variable_write(
	struct compilation *c, struct variable *variable, uint32_t type, struct span span)
{
	uint32_t before = variable->type;

	if (!type || (variable->fixed && !before))
		return;
	if (variable->fixed) {
		if (infer_join(c, before, type) == before)
			return;
	} else if (infer_grow(c, &variable->type, type, &variable->typed, span)) {
		return;
	}
	if (infer_error(c, span,
		    "Type mismatch for %s: trying to assign value of type '%s' when variable "
		    "already contains a value of type '%s'",
		    variable->name, typename_spell(c, type), typename_spell(c, before)))
		diag_note(c->diags, variable->typed, "%s has the type '%s' from here",
			variable->name, typename_spell(c, before));
}

/* A literal fits into a narrower variable of a declared type when its value does. */
static bool literal_fits(struct compilation *c, struct node *value, uint32_t type)
{
	uint32_t bits = types_is_bool(c->types, type) ? 1 : types_size(c->types, type) * 8;
	int64_t number;

	if (!types_is_integer(c->types, type) || !constant_integer(value, &number))
		return false;
	if (!types_is_signed(c->types, type))
		return bits >= 64 ? value->kind == NODE_INTEGER || number >= 0
				  : (uint64_t)number >> bits == 0;
	return number >> (bits - 1) == 0 || number >> (bits - 1) == -1;
}

static void assign_variable(struct compilation *c, struct variable *variable, struct node *value,
	uint32_t type, struct span span)
{
	if (variable->fixed && literal_fits(c, value, variable->type))
		return;
	infer_variable_write(c, variable, type, span);
}

static void infer_assignment(struct compilation *c, struct unit *unit, struct assign *assign)
{
	struct node *target = assign->target;
	uint32_t type = builtin_is_aggregation(assign->value)
				? infer_expression(c, unit, assign->value)
				: infer_value(c, unit, assign->value);

	if (target->kind == NODE_VARIABLE)
		assign_variable(c, node_variable_use(target)->variable, assign->value, type,
			assign->node.span);
	else if (target->kind == NODE_MAP)
		infer_map_write(c, node_map_access(target), type, assign->node.span);
	infer_expression(c, unit, target);
}

/* $x += 1 is $x = $x + 1, but what was declared as a narrow integer stays one, as in C. */
static void compound_variable(
	struct compilation *c, struct variable *variable, uint32_t type, struct span span)
{
	bool integers =
		types_is_integer(c->types, type) && types_is_integer(c->types, variable->type);

	if (!variable->fixed || !integers || types_is_bool(c->types, variable->type))
		infer_variable_write(c, variable, type, span);
}

static void infer_compound(struct compilation *c, struct unit *unit, struct assign *assign)
{
	struct node *target = assign->target;
	struct binary sum = {
		.node = {.kind = NODE_BINARY, .span = assign->node.span},
		.op = assign->op,
		.left = target,
		.right = assign->value,
	};
	uint32_t type = infer_expression(c, unit, &sum.node);

	if (target->kind == NODE_VARIABLE)
		compound_variable(c, node_variable_use(target)->variable, type, assign->node.span);
	else if (target->kind == NODE_MAP)
		infer_map_write(c, node_map_access(target), type, assign->node.span);
}

static void infer_let(struct compilation *c, struct unit *unit, struct let *let)
{
	struct variable *variable = node_variable_use(let->variable)->variable;
	uint32_t type = 0;

	if (let->type) {
		variable->fixed = true;
		variable->type = typename_resolve(c, unit, node_type(let->type), c->infer_last);
		variable->typed = let->node.span;
	}
	if (let->value) {
		type = infer_value(c, unit, let->value);
		assign_variable(c, variable, let->value, type, let->node.span);
	}
	let->variable->type = variable->type;
}

/* What an iteration yields of stats(): all of its numbers. */
static uint32_t stats_type(struct compilation *c, uint32_t stats)
{
	bool is_signed = !types_aggregates_unsigned(c->types, stats);
	uint32_t number = types_integer(c->types, sizeof(uint64_t), is_signed);
	struct types_field fields[] = {
		{"count", type_uint64(c)}, {"average", number}, {"total", number}};

	return types_struct(c->types, "stats_numbers", fields, ARRAY_SIZE(fields));
}

static uint32_t walked_type(struct compilation *c, uint32_t value)
{
	switch (types_reading(c->types, value)) {
	case READS_FIELDS: return stats_type(c, value);
	case READS_BUCKETS: return value;
	case READS_SLOTS: return 0;
	case READS_ITSELF:
	case READS_COUNT:
	case READS_SUM:
	case READS_EXTREME:
	case READS_AVERAGE: break;
	}
	return infer_scalar(c, value);
}

/* What an iteration over a map yields: (key, value). 0 while the map's types are not known. */
static uint32_t element_type(
	struct compilation *c, const struct node *iterable, const struct map *map)
{
	uint32_t parts[] = {map->key, walked_type(c, map->value)};

	if (map->has_use && !map->keyed)
		infer_error(c, iterable->span, "for: %s has no keys to iterate over", map->name);
	if (!map->key || !map->value)
		return 0;
	if (types_reading(c->types, map->value) == READS_SLOTS) {
		infer_error(c, iterable->span,
			"for: the values of %s, of tseries(), cannot be read", map->name);
		return 0;
	}
	return types_tuple(c->types, parts, ARRAY_SIZE(parts));
}

/* Signed unless both bounds are not: -1..args.count is a range. */
static uint32_t range_type(struct compilation *c, struct unit *unit, struct range *range)
{
	struct node *bounds[] = {range->low, range->high};
	uint32_t types[ARRAY_SIZE(bounds)];

	for (size_t i = 0; i < ARRAY_SIZE(bounds); i++) {
		types[i] = infer_operand(c, unit, bounds[i]);
		if (!types[i] || infer_is_integer(c, types[i]))
			continue;
		infer_error(c, bounds[i]->span, "A bound of a range must be an integer, not '%s'",
			typename_spell(c, types[i]));
		types[i] = 0;
	}
	if (!types[0] || !types[1])
		return infer_common(c, types[0], types[1]);
	types[0] = infer_promote(c, types[0]);
	types[1] = infer_promote(c, types[1]);
	return types[0] == types[1] ? types[0] : type_int64(c);
}

static void infer_for(struct compilation *c, struct unit *unit, struct for_loop *loop)
{
	struct variable *variable = node_variable_use(loop->variable)->variable;
	uint32_t type =
		loop->iterable->kind == NODE_RANGE
			? range_type(c, unit, node_range(loop->iterable))
			: element_type(c, loop->iterable, node_map_access(loop->iterable)->map);

	if (type)
		infer_variable_write(c, variable, type, loop->variable->span);
	loop->variable->type = variable->type;
	infer_statements(c, unit, loop->body);
}

/* --- statements --- */

void infer_statements(struct compilation *c, struct unit *unit, struct node *head)
{
	struct node *node;

	node_for_each (head, node)
		infer_expression(c, unit, node);
}

/* Statements have no type; they are reached by infer_expression so that a call of an expression and
 * a statement are walked alike. */
static bool infer_statement(struct compilation *c, struct unit *unit, struct node *node)
{
	switch (node->kind) {
	case NODE_BLOCK: infer_statements(c, unit, node_block(node)->statements); return true;
	case NODE_ASSIGN:
		if (node_assign(node)->op == OPERATOR_NONE)
			infer_assignment(c, unit, node_assign(node));
		else
			infer_compound(c, unit, node_assign(node));
		return true;
	case NODE_LET: infer_let(c, unit, node_let(node)); return true;
	case NODE_IF:
		infer_statements(c, unit, node_if_statement(node)->condition);
		if (node_if_statement(node)->condition->kind == NODE_COMPTIME)
			return true;
		infer_statements(c, unit, node_if_statement(node)->then);
		infer_statements(c, unit, node_if_statement(node)->otherwise);
		return true;
	case NODE_WHILE:
		infer_statements(c, unit, node_while_loop(node)->condition);
		infer_statements(c, unit, node_while_loop(node)->body);
		return true;
	case NODE_FOR: infer_for(c, unit, node_for_loop(node)); return true;
	case NODE_UNROLL:
		infer_statements(c, unit, node_unroll(node)->count);
		infer_statements(c, unit, node_unroll(node)->body);
		return true;
	case NODE_JUMP: infer_statements(c, unit, node_jump(node)->value); return true;
	default: return false;
	}
}

uint32_t infer_expression(struct compilation *c, struct unit *unit, struct node *node)
{
	if (!infer_statement(c, unit, node))
		node->type = infer_compute(c, unit, node);
	return node->type;
}

/* --- rounds --- */

static void infer_round(struct compilation *c)
{
	struct unit **unit;

	c->infer_grew = false;
	vec_for_each (&c->units, unit) {
		infer_statements(c, *unit, (*unit)->probe->filter);
		infer_statements(c, *unit, (*unit)->probe->body);
	}
}

/* Slots that only ever saw each other. */
static void report_unknown(struct compilation *c)
{
	struct map **map;
	struct unit **unit;
	struct variable **variable;

	vec_for_each (&c->maps, map) {
		if (!(*map)->value)
			diag_error(c->diags, (*map)->declared,
				"cannot infer the type of %s's values", (*map)->name);
	}
	vec_for_each (&c->units, unit) {
		vec_for_each (&(*unit)->variables, variable) {
			if (!(*variable)->type && (*variable)->assigned)
				diag_error(c->diags, (*variable)->declared,
					"cannot infer the type of %s", (*variable)->name);
		}
	}
}

void infer_types(struct compilation *c)
{
	c->infer_last = false;
	do {
		do
			infer_round(c);
		while (c->infer_grew);
	} while (comptime_decide(c));
	scope_finish(c);
	if (c->diags->errors)
		return;
	c->infer_last = true;
	infer_round(c);
	if (c->infer_misfit)
		return;
	if (!c->diags->errors)
		report_unknown(c);
	if (c->diags->errors)
		return;
	comptime_fold(c);
	cast_insert(c);
}
