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
	case TYPE_NAMED: return true;
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
	bool is_extreme = types_is_named(c->types, map->value, NAMED_MIN) ||
			  types_is_named(c->types, map->value, NAMED_MAX);

	if (!map->read || !is_extreme || c->request->features & FEATURE_BIT(FEATURE_ATOMIC_FETCH))
		return;
	diag_error(c->diags, map->declared,
		"%s: this kernel cannot let programs read the value of %s()", map->name,
		named_name(types_named_kind(c->types, map->value)));
	diag_hint(c->diags, "Linux 5.12 and newer can (feature %s); print(%s) can everywhere",
		feature_name(FEATURE_ATOMIC_FETCH), map->name);
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
}

void check_maps(struct compilation *c)
{
	struct map **map;

	check_all(c, check_one);
	vec_for_each (&c->maps, map)
		check_read(c, *map);
}
