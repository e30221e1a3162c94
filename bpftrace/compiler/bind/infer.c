/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types are found by rounds over all blocks. Variables, map keys and map values are slots; each
 * round computes every expression's type from what the slots hold so far and lets the slots grow by
 * what is put into them (types_join). Slots only grow and cannot grow for ever, so there is a round
 * in which none does: then everything is known, and one more round over the same types reports the
 * mistakes.
 *
 * Integers: operands become 64 bits wide, signed unless one is uint64 already. Comparisons and
 * logic yield an int64 of 0 or 1. Type 0 is unknown, or wrong and reported elsewhere; it is never
 * reported again.
 */
#include "infer.h"

#include <stdarg.h>

#include "constant.h"
#include "typename.h"

/* --- the rules --- */

uint32_t infer_readable(struct compilation *c, uint32_t type)
{
	if (!type || types_class(c->types, type) != TYPE_NAMED)
		return type;
	switch (types_named_kind(c->types, type)) {
	case NAMED_COUNT: return type_uint64(c);
	case NAMED_SUM:
	case NAMED_MIN:
	case NAMED_MAX:
	case NAMED_AVG: return type_int64(c);
	case NAMED_STATS:
	case NAMED_HIST:
	case NAMED_LHIST: return 0;
	default: return type;
	}
}

uint32_t infer_promote(struct compilation *c, uint32_t type)
{
	bool stays = types_size(c->types, type) == 8 && !types_is_signed(c->types, type);

	return stays ? type_uint64(c) : type_int64(c);
}

uint32_t infer_kept(struct compilation *c, uint32_t type)
{
	type = infer_readable(c, type);
	if (!type)
		return 0;
	if (types_is_integer(c->types, type))
		return types_integer(
			c->types, types_size(c->types, type), types_is_signed(c->types, type));
	if (types_class(c->types, type) == TYPE_STRING)
		return types_string(c->types, types_size(c->types, type));
	return type;
}

bool infer_grow(struct compilation *c, uint32_t *slot, uint32_t type)
{
	uint32_t joined = types_join(c->types, *slot, type);

	if (!joined)
		return !*slot && !type;
	if (joined != *slot) {
		*slot = joined;
		c->infer_grew = true;
	}
	return true;
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
	uint32_t readable = infer_readable(c, type);

	if (type && !readable)
		infer_error(c, node->span, "'%s' has no single value that could be used here",
			typename_spell(c, type));
	return readable;
}

uint32_t infer_value(struct compilation *c, struct unit *unit, struct node *node)
{
	return infer_kept(c, infer_operand(c, unit, node));
}

/* --- assignments --- */

static void grow_variable(
	struct compilation *c, struct variable *variable, uint32_t type, struct span span)
{
	uint32_t before = variable->type;

	if (!type || (variable->fixed && !before))
		return;
	if (variable->fixed) {
		if (types_join(c->types, before, type) == before)
			return;
	} else if (infer_grow(c, &variable->type, type)) {
		return;
	}
	infer_error(c, span,
		"Type mismatch for %s: trying to assign value of type '%s' when variable already "
		"contains a value of type '%s'",
		variable->name, typename_spell(c, type), typename_spell(c, before));
}

/* A literal fits into a narrower variable of a declared type when its value does. */
static bool literal_fits(struct compilation *c, struct node *value, uint32_t type)
{
	uint32_t bits = types_size(c->types, type) * 8;
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
	grow_variable(c, variable, type, span);
}

static bool is_aggregation(struct node *value)
{
	return value->kind == NODE_CALL && node_call(value)->builtin->kind == BUILTIN_AGGREGATION;
}

static void infer_assignment(struct compilation *c, struct unit *unit, struct assign *assign)
{
	struct node *target = assign->target;
	uint32_t type = is_aggregation(assign->value) ? infer_expression(c, unit, assign->value)
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

	if (!variable->fixed || !integers)
		grow_variable(c, variable, type, span);
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
		variable->type = typename_resolve(c, node_type(let->type), c->infer_last);
	}
	if (let->value) {
		type = infer_value(c, unit, let->value);
		assign_variable(c, variable, let->value, type, let->node.span);
	}
	let->variable->type = variable->type;
}

/* What a walk over a map gives: (key, value); (key) when values have no single number. 0 while the
 * map's types are not known. */
static uint32_t element_type(
	struct compilation *c, const struct node *iterable, const struct map *map)
{
	uint32_t parts[] = {map->key, infer_readable(c, map->value)};

	if (map->has_use && !map->keyed)
		infer_error(
			c, iterable->span, "%s has no keys that for could walk over", map->name);
	if (!map->key || !map->value)
		return 0;
	return types_tuple(c->types, parts, parts[1] ? 2 : 1);
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

static void infer_list(struct compilation *c, struct unit *unit, struct node *head);

static void infer_for(struct compilation *c, struct unit *unit, struct for_loop *loop)
{
	struct variable *variable = node_variable_use(loop->variable)->variable;
	uint32_t type =
		loop->iterable->kind == NODE_RANGE
			? range_type(c, unit, node_range(loop->iterable))
			: element_type(c, loop->iterable, node_map_access(loop->iterable)->map);

	if (type)
		grow_variable(c, variable, type, loop->variable->span);
	loop->variable->type = variable->type;
	infer_list(c, unit, loop->body);
}

/* --- statements --- */

static void infer_list(struct compilation *c, struct unit *unit, struct node *head)
{
	struct node *node;

	node_for_each (head, node)
		infer_expression(c, unit, node);
}

/* Statements have no type; they are reached by infer_expression so that a call of an expression and
 * a statement look alike to whoever walks. */
static bool infer_statement(struct compilation *c, struct unit *unit, struct node *node)
{
	switch (node->kind) {
	case NODE_BLOCK: infer_list(c, unit, node_block(node)->statements); return true;
	case NODE_ASSIGN:
		if (node_assign(node)->op == OPERATOR_NONE)
			infer_assignment(c, unit, node_assign(node));
		else
			infer_compound(c, unit, node_assign(node));
		return true;
	case NODE_LET: infer_let(c, unit, node_let(node)); return true;
	case NODE_IF:
		infer_list(c, unit, node_if_statement(node)->condition);
		infer_list(c, unit, node_if_statement(node)->then);
		infer_list(c, unit, node_if_statement(node)->otherwise);
		return true;
	case NODE_WHILE:
		infer_list(c, unit, node_while_loop(node)->condition);
		infer_list(c, unit, node_while_loop(node)->body);
		return true;
	case NODE_FOR: infer_for(c, unit, node_for_loop(node)); return true;
	case NODE_UNROLL:
		infer_list(c, unit, node_unroll(node)->count);
		infer_list(c, unit, node_unroll(node)->body);
		return true;
	case NODE_JUMP: infer_list(c, unit, node_jump(node)->value); return true;
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
		types_prefer(c->types, (*unit)->matches.items[0].module);
		infer_list(c, *unit, (*unit)->probe->filter);
		infer_list(c, *unit, (*unit)->probe->body);
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
				"nothing says what type the values of %s have", (*map)->name);
	}
	vec_for_each (&c->units, unit) {
		vec_for_each (&(*unit)->variables, variable) {
			if (!(*variable)->type && (*variable)->assigned)
				diag_error(c->diags, (*variable)->declared,
					"nothing says what type %s has", (*variable)->name);
		}
	}
}

void infer_types(struct compilation *c)
{
	c->infer_last = false;
	do
		infer_round(c);
	while (c->infer_grew);
	c->infer_last = true;
	infer_round(c);
	if (!c->diags->errors)
		report_unknown(c);
	if (!c->diags->errors)
		cast_insert(c);
}
