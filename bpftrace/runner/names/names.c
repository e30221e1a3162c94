/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cache has two generations: when the young one is full it becomes the old one, whose names are
 * forgotten. A name that is used again moves to the young one.
 */
#include "names.h"

#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/arena.h"
#include "libcommon/base/hashmap.h"
#include "libcommon/base/vec.h"

/* Of one kind, when a generation is full. */
enum {
	GENERATION_MAX = 8192,      /* names */
	GENERATION_BYTES = 4 << 20, /* of their texts: stacks may have many kilobytes */
};

struct generation {
	struct hashmap names; /* struct name_key → text in the arena */
	struct arena texts;
	size_t bytes;
};

struct source {
	const struct name_ops *ops; /* NULL: there is none */
	void *context;
	struct generation young, old;
};

struct names {
	struct source sources[NR_NAME_KINDS];
	struct str fetched; /* scratch */
};

/* --- the cache --- */

static void generation_deinit(struct generation *generation)
{
	hashmap_deinit(&generation->names);
	arena_deinit(&generation->texts);
	*generation = (struct generation){};
}

static const char *keep(struct source *source, const struct name_key *key, const char *text)
{
	void **slot = hashmap_slot(&source->young.names, key, sizeof(*key));

	if (!*slot) {
		*slot = arena_strdup(&source->young.texts, text);
		source->young.bytes += strlen(text) + 1;
	}
	return *slot;
}

/* Before up to count names are kept: until the next call they are not forgotten. */
static void make_room(struct source *source, size_t count)
{
	if (source->young.names.count + count <= GENERATION_MAX &&
		source->young.bytes <= GENERATION_BYTES)
		return;
	generation_deinit(&source->old);
	source->old = source->young;
	source->young = (struct generation){};
}

static const char *find(struct source *source, const struct name_key *key)
{
	const char *text = hashmap_get(&source->young.names, key, sizeof(*key));

	if (text)
		return text;
	text = hashmap_get(&source->old.names, key, sizeof(*key));
	return text ? keep(source, key, text) : NULL;
}

/* --- fetching --- */

typedef VEC(struct name_key) key_list;

static void fetch(struct names *names, struct source *source, const key_list *keys)
{
	struct str *fetched = &names->fetched;

	str_truncate(fetched, 0);
	make_room(source, keys->count);

	size_t count = source->ops->fetch(source->context, keys->items, keys->count, fetched);
	const char *text = fetched->data;

	for (size_t i = 0; i < count; i++, text += strlen(text) + 1)
		keep(source, &keys->items[i], text);
}

/* The keys of names that are not in the cache, each once. */
static key_list missing_keys(struct source *source, const struct name_key *keys, size_t count)
{
	key_list missing = {};
	_cleanup_hashmap_ struct hashmap seen = HASHMAP_INIT;

	for (size_t i = 0; i < count; i++) {
		void **slot = hashmap_slot(&seen, &keys[i], sizeof(keys[i]));

		if (!*slot && missing.count < GENERATION_MAX && !find(source, &keys[i]))
			vec_push(&missing, keys[i]);
		*slot = source;
	}
	return missing;
}

void names_prefetch(
	struct names *names, enum name_kind kind, const struct name_key *keys, size_t count)
{
	if (!names_has(names, kind) || !names->sources[kind].ops->is_cached)
		return;

	struct source *source = &names->sources[kind];
	key_list missing = missing_keys(source, keys, count);

	if (missing.count)
		fetch(names, source, &missing);
	vec_deinit(&missing);
}

void names_announce(
	struct names *names, enum name_kind kind, const struct name_key *keys, size_t count)
{
	if (!names_has(names, kind) || !names->sources[kind].ops->announce)
		return;

	struct source *source = &names->sources[kind];
	key_list missing = missing_keys(source, keys, count);

	if (missing.count)
		source->ops->announce(source->context, missing.items, missing.count);
	vec_deinit(&missing);
}

const char *names_text(struct names *names, enum name_kind kind, struct name_key key)
{
	if (!names_has(names, kind))
		return NULL;

	struct source *source = &names->sources[kind];

	if (source->ops->is_cached) {
		const char *text = find(source, &key);

		if (!text)
			names_prefetch(names, kind, &key, 1);
		return text ? text : find(source, &key);
	}
	str_truncate(&names->fetched, 0);
	return source->ops->fetch(source->context, &key, 1, &names->fetched) ? names->fetched.data
									     : NULL;
}

/* --- sources --- */

struct names *names_new(void)
{
	return xcalloc(1, sizeof(struct names));
}

bool names_has(const struct names *names, enum name_kind kind)
{
	return names && names->sources[kind].ops;
}

void names_add(struct names *names, enum name_kind kind, const struct name_ops *ops, void *source)
{
	names->sources[kind].ops = ops;
	names->sources[kind].context = source;
}

void names_close(struct names *names)
{
	if (!names)
		return;
	for (size_t i = 0; i < NR_NAME_KINDS; i++) {
		struct source *source = &names->sources[i];

		if (source->ops)
			source->ops->close(source->context);
		generation_deinit(&source->young);
		generation_deinit(&source->old);
		*source = (struct source){};
	}
}

void names_free(struct names *names)
{
	names_close(names);
	if (names)
		str_deinit(&names->fetched);
	free(names);
}
