/* SPDX-License-Identifier: Apache-2.0 */
#include "frames.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "libcommon/base/attributes.h"

enum { SIZE_MOST = 1 << 20 }; /* bytes of a field */

/* Fields of struct frame; numbers are hexadecimal. */
static const struct {
	char letter;
	bool is_text;
	size_t offset;
} fields[] = {
	{'a', false, offsetof(struct frame, address)},
	{'n', true, offsetof(struct frame, name)},
	{'o', false, offsetof(struct frame, offset)},
	{'f', true, offsetof(struct frame, object)},
	{'b', true, offsetof(struct frame, build_id)},
	{'p', false, offsetof(struct frame, object_offset)},
	{'s', true, offsetof(struct frame, source)},
	{'l', false, offsetof(struct frame, line)},
	{'i', false, offsetof(struct frame, is_inlined)},
};

/* --- writing --- */

static void append_field(char letter, const char *bytes, struct str *out)
{
	str_printf(out, "%c%zu:%s", letter, strlen(bytes), bytes);
}

/* An address is always there, as the begin of the frame; of the others those that are known. */
void frames_append(const struct frame *frame, struct str *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const void *field = (const char *)frame + fields[i].offset;
		char number[2 * sizeof(uint64_t) + 1];

		if (fields[i].is_text) {
			const char *text = *(const char *const *)field;

			if (text)
				append_field(fields[i].letter, text, out);
			continue;
		}
		snprintf(number, sizeof(number), "%" PRIx64, *(const uint64_t *)field);
		if (i == 0 || *(const uint64_t *)field)
			append_field(fields[i].letter, number, out);
	}
}

/* --- reading --- */

struct field {
	char letter;
	const char *bytes;
	size_t size;
};

/* Takes the field at *at; false at the end and where there is none. */
static bool take_field(const char **at, struct field *ret)
{
	const char *digits = *at + 1;
	char *end;

	if (!**at || *digits < '0' || *digits > '9')
		return false;

	unsigned long size = strtoul(digits, &end, 10);

	if (*end != ':' || size > SIZE_MOST || strnlen(end + 1, size) != size)
		return false;
	*ret = (struct field){.letter = **at, .bytes = end + 1, .size = size};
	*at = end + 1 + size;
	return true;
}

static void set_field(struct frame *frame, const struct field *field, struct arena *arena)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		void *place = (char *)frame + fields[i].offset;
		const char *text;

		if (fields[i].letter != field->letter)
			continue;
		text = arena_strndup(arena, field->bytes, field->size);
		if (fields[i].is_text)
			*(const char **)place = text;
		else
			*(uint64_t *)place = strtoull(text, NULL, 16);
	}
}

static size_t count_frames(const char *text)
{
	struct field field;
	size_t count = 0;

	while (take_field(&text, &field))
		count += field.letter == fields[0].letter;
	return count;
}

size_t frames_parse(const char *text, struct arena *arena, struct frame **ret)
{
	struct frame *frames = arena_array(arena, struct frame, count_frames(text) + 1);
	struct field field;
	size_t count = 0;

	while (take_field(&text, &field)) {
		if (field.letter == fields[0].letter)
			count++;
		else if (!count)
			break;
		set_field(&frames[count - 1], &field, arena);
	}
	*ret = frames;
	return count;
}
