/* SPDX-License-Identifier: Apache-2.0 */
/* The slots of maps: keys and values. */
#include "infer.h"
#include "libcommon/host/feature.h"
#include "typename.h"

enum {
	KEY_NUMBERS = 64, /* room in a key for what is no string in a tuple */
};

static uint32_t string_of(struct compilation *c, uint32_t type, uint32_t most)
{
	bool is_longer =
		types_class(c->types, type) == TYPE_STRING && types_size(c->types, type) > most;

	return is_longer ? types_string(c->types, most) : type;
}

/* Kernels without long keys have shorter strings in them. */
static uint32_t kept_key(struct compilation *c, uint32_t type)
{
	uint32_t count =
		types_class(c->types, type) == TYPE_TUPLE ? types_member_count(c->types, type) : 0;
	uint32_t *elements = arena_array(c->arena, uint32_t, count + 1);

	if (c->request->features & FEATURE_BIT(FEATURE_LONG_KEYS))
		return type;
	if (!count)
		return string_of(c, type, SHORT_KEY_BYTES);
	for (uint32_t i = 0; i < count; i++)
		elements[i] = string_of(c, types_member_at(c->types, type, i).type,
			(SHORT_KEY_BYTES - KEY_NUMBERS) / count);
	return types_tuple(c->types, elements, count);
}

void infer_map_key(struct compilation *c, struct unit *unit, struct map *map, struct node *key)
{
	uint32_t before = map->key, type = kept_key(c, infer_value(c, unit, key));

	if (!type || infer_grow(c, &map->key, type, &map->key_typed, key->span))
		return;
	if (!infer_error(c, key->span,
		    "Argument mismatch for %s: trying to access with arguments: '%s' when map "
		    "expects arguments: '%s'",
		    map->name, typename_spell_apart(c, type, before),
		    typename_spell_apart(c, before, type)))
		return;
	diag_note(c->diags, map->key_typed, "the keys of %s have the type '%s' from here",
		map->name, typename_spell(c, before));
	typename_hint_apart(c, type, before);
}

uint32_t infer_map_read(struct compilation *c, struct unit *unit, struct map_access *access)
{
	if (access->key)
		infer_map_key(c, unit, access->map, access->key);
	return access->map->value;
}

/* Maps keep integers in 64 bits, so that what is counted in them does not overflow and one atomic
 * addition serves all. printf still shows those of a narrower type at the width of that. What is
 * counted is no bool and no enum. */
static uint32_t kept_value(struct compilation *c, uint32_t type)
{
	uint32_t size = types_size(c->types, type);

	if (types_is_bool(c->types, type) || types_class(c->types, type) == TYPE_ENUM)
		return type;

	if (!types_is_integer(c->types, type) || types_is_widened(c->types, type, NULL))
		return type;
	if (size < sizeof(uint64_t))
		return types_widened(c->types, size, true);
	return infer_promote(c, type);
}

void infer_map_write(
	struct compilation *c, struct map_access *access, uint32_t type, struct span span)
{
	struct map *map = access->map;
	uint32_t before = map->value;

	if (!type)
		return;
	type = kept_value(c, type);
	if (infer_grow(c, &map->value, type, &map->value_typed, span))
		return;
	if (!infer_error(c, span,
		    "Type mismatch for %s: trying to assign value of type '%s' "
		    "when map already contains a value of type '%s'",
		    map->name, typename_spell_apart(c, type, before),
		    typename_spell_apart(c, before, type)))
		return;
	diag_note(c->diags, map->value_typed, "%s has the type '%s' from here", map->name,
		typename_spell(c, before));
	typename_hint_apart(c, type, before);
}
