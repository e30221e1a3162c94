/* SPDX-License-Identifier: Apache-2.0 */
/* The slots of maps: keys and values. */
#include "infer.h"
#include "typename.h"

void infer_map_key(struct compilation *c, struct unit *unit, struct map *map, struct node *key)
{
	uint32_t before = map->key, type = infer_value(c, unit, key);

	if (!type || infer_grow(c, &map->key, type))
		return;
	infer_error(c, key->span,
		"Argument mismatch for %s: trying to access with arguments: '%s' when map expects "
		"arguments: '%s'",
		map->name, typename_spell(c, type), typename_spell(c, before));
}

uint32_t infer_map_read(struct compilation *c, struct unit *unit, struct map_access *access)
{
	if (access->key)
		infer_map_key(c, unit, access->map, access->key);
	return access->map->value;
}

/* Maps keep integers in 64 bits, so that what is counted in them does not overflow and one atomic
 * addition serves all. */
static uint32_t kept_value(struct compilation *c, uint32_t type)
{
	return types_is_integer(c->types, type) ? infer_promote(c, type) : type;
}

void infer_map_write(
	struct compilation *c, struct map_access *access, uint32_t type, struct span span)
{
	struct map *map = access->map;
	uint32_t before = map->value;

	if (!type)
		return;
	type = kept_value(c, type);
	if (infer_grow(c, &map->value, type))
		return;
	infer_error(c, span,
		"Type mismatch for %s: trying to assign value of type '%s' "
		"when map already contains a value of type '%s'",
		map->name, typename_spell(c, type), typename_spell(c, before));
}
