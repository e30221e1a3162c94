/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "bpftrace/compiler/bind/typename.h"
#include "libcommon/host/feature.h"

/* Bytes that are equal when the values are. */
static bool can_be_key(struct compilation *c, uint32_t type)
{
	switch (types_class(c->types, type)) {
	case TYPE_INTEGER:
	case TYPE_ENUM:
	case TYPE_POINTER:
	case TYPE_STRING:
	case TYPE_ARRAY:
	case TYPE_STRUCT:
	case TYPE_UNION:
	case TYPE_MEANING: return true;
	case TYPE_TUPLE:
		for (uint32_t i = 0; i < types_member_count(c->types, type); i++) {
			if (!can_be_key(c, types_member_at(c->types, type, i).type))
				return false;
		}
		return true;
	default: return false;
	}
}

/* What a program reads is one value for all CPUs; raising such a one takes an instruction that old
 * kernels do not have. */
static void check_read(struct compilation *c, const struct map *map)
{
	bool is_extreme = types_reading(c->types, map->value) == READS_EXTREME;

	if (!map->read || !is_extreme || c->request->features & FEATURE_BIT(FEATURE_ATOMIC_FETCH))
		return;
	diag_error(c->diags, map->declared,
		"%s: this kernel cannot let programs read the value of %s()", map->name,
		meaning_name(types_meaning_of(c->types, map->value)));
	diag_hint(c->diags,
		"Linux 5.12 and newer support it (feature %s); print(%s) works on every kernel",
		feature_name(FEATURE_ATOMIC_FETCH), map->name);
}

/* Keys that print alike though they differ. */
static void warn_doubtful_key(struct compilation *c, const struct node *key)
{
	struct types *types = c->types;

	if (types_has_meaning(types, key->type, MEANING_TIMESTAMP)) {
		diag_warning(c->diags, key->span,
			"the key is the time in nanoseconds; its text is made when it is printed");
		diag_hint(c->diags, "divide it to group times, as in nsecs / 1000000000");
	} else if (types_points_to_char(types, key->type)) {
		diag_warning(
			c->diags, key->span, "the key is the address of a string, not the string");
		diag_hint(c->diags, "str(%s) makes the string the key",
			diags_text(c->diags, key->span));
	}
}

static void warn_doubtful_keys(struct compilation *c, struct node *key)
{
	struct node *element;

	if (key->kind != NODE_TUPLE) {
		warn_doubtful_key(c, key);
		return;
	}
	node_for_each (node_tuple(key)->elements, element)
		warn_doubtful_key(c, element);
}

/* Only aggregations are kept per CPU. */
static void check_kind(struct compilation *c, const struct map *map)
{
	bool is_per_cpu = map->kind == MAP_PER_CPU_HASH || map->kind == MAP_LRU_PER_CPU_HASH;

	if (!is_per_cpu || types_is_aggregation(c->types, map->value))
		return;
	diag_error(c->diags, map->declared,
		"%s is declared as a map of each CPU, but its values are of type '%s'", map->name,
		typename_spell(c, map->value));
	diag_hint(c->diags, "%s keeps any value; those of each CPU are of count, sum and the like",
		map->kind == MAP_PER_CPU_HASH ? "hash" : "lruhash");
}

static void check_one(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct map_access *access;

	if (node->kind != NODE_MAP)
		return;
	access = node_map_access(node);
	if (access->key && !can_be_key(c, access->map->key))
		diag_error(c->diags, access->key->span, "'%s' can not be used as a key of %s",
			typename_spell(c, access->key->type), access->name);
	else if (access->key)
		warn_doubtful_keys(c, access->key);
}

void check_maps(struct compilation *c)
{
	struct map **map;

	check_all(c, check_one);
	vec_for_each (&c->maps, map) {
		check_read(c, *map);
		check_kind(c, *map);
	}
}
