/* SPDX-License-Identifier: Apache-2.0 */
/* Each key has one place, which keys share: the last text remains. */
#include "frame_texts.h"

#include <stdlib.h>

#include "libcommon/base/alloc.h"

enum {
	PLACES = 8192, /* half a megabyte */
	TEXT_MOST = 47,
};

struct frame_text {
	struct frame_key key;
	uint8_t length; /* 0: nothing is kept */
	char text[TEXT_MOST];
};

struct frame_texts {
	struct frame_text places[PLACES];
};

struct frame_texts *frame_texts_new(void)
{
	return xcalloc(1, sizeof(struct frame_texts));
}

void frame_texts_free(struct frame_texts *texts)
{
	free(texts);
}

static size_t place_of(const struct frame_key *key)
{
	uint64_t hash = (key->address * 2 + key->is_return) * 0x9e3779b97f4a7c15;

	return (hash >> 32) % PLACES;
}

static bool is_same(const struct frame_key *a, const struct frame_key *b)
{
	return a->address == b->address && a->mode == b->mode && a->is_return == b->is_return;
}

bool frame_texts_append(
	const struct frame_texts *texts, const struct frame_key *key, struct str *out)
{
	const struct frame_text *kept = &texts->places[place_of(key)];

	if (!kept->length || !is_same(&kept->key, key))
		return false;
	str_append_bytes(out, kept->text, kept->length);
	return true;
}

void frame_texts_keep(
	struct frame_texts *texts, const struct frame_key *key, const char *text, size_t length)
{
	struct frame_text *kept = &texts->places[place_of(key)];

	if (length > TEXT_MOST)
		return;
	kept->key = *key;
	kept->length = (uint8_t)length;
	memcpy(kept->text, text, length);
}
