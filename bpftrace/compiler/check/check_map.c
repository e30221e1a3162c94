/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "bpftrace/compiler/bind/typename.h"

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
	check_all(c, check_one);
}
