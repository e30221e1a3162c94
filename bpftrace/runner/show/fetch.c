/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch.h"

#include "libcommon/base/alloc.h"
#include "spell.h"

enum { BATCH = 1024 }; /* elements; their names must fit into the cache of names.c */

/* Members of tuples, also of nested ones. */
static void add_parts(struct fetch *fetch, uint32_t type, size_t offset, bool is_of_key)
{
	const struct types *types = fetch->reader->bundle->types;
	enum name_kind kind = spell_name_kind(types, type);

	if (kind != NR_NAME_KINDS)
		vec_push(&fetch->parts, ((struct fetch_part){kind, is_of_key, type, offset}));
	if (types_class(types, type) != TYPE_TUPLE)
		return;
	for (uint32_t i = 0; i < types_member_count(types, type); i++) {
		struct types_member member = types_member_at(types, type, i);

		add_parts(fetch, member.type, offset + member.bit_offset / 8, is_of_key);
	}
}

struct fetch fetch_init(struct value_reader *reader, const struct map_content *content)
{
	struct fetch fetch = {.reader = reader, .content = content};

	if (content->layout->key_type)
		add_parts(&fetch, content->layout->key_type, 0, true);
	add_parts(&fetch, content->layout->value_type, 0, false);
	return fetch;
}

void fetch_deinit(struct fetch *fetch)
{
	vec_deinit(&fetch->parts);
}

static struct name_key key_of(
	const struct fetch *fetch, const struct fetch_part *part, uint32_t index)
{
	const struct map_content *content = fetch->content;
	const struct map_layout *layout = content->layout;
	const char *data = part->is_of_key ? content->keys.data + index * layout->key_size
					   : content->values.data + index * layout->value_size;
	struct value value = {
		.reader = fetch->reader, .type = part->type, .data = data + part->offset};

	return value_has_frames(fetch->reader) && !part->is_of_key ? spell_frames_key(&value)
								   : spell_name_key(&value);
}

typedef void (*getter)(
	struct names *names, enum name_kind kind, const struct name_key *keys, size_t count);

static void fetch_part(const struct fetch *fetch, const struct fetch_part *part,
	const uint32_t *order, size_t count, getter get)
{
	_cleanup_free_ struct name_key *keys = xcalloc(count, sizeof(*keys));

	for (size_t i = 0; i < count; i++)
		keys[i] = key_of(fetch, part, order[i]);
	get(fetch->reader->names, part->kind, keys, count);
}

void fetch_names(const struct fetch *fetch, const uint32_t *order, size_t count, size_t at)
{
	size_t next = MIN(count, at + BATCH), behind = MIN(count, next + BATCH);
	const struct fetch_part *part;

	if (at % BATCH != 0)
		return;
	vec_for_each (&fetch->parts, part)
		fetch_part(fetch, part, order + at, next - at, names_prefetch);
	if (next == count)
		return;
	vec_for_each (&fetch->parts, part)
		fetch_part(fetch, part, order + next, behind - next, names_announce);
}
