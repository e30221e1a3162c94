/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A note of type 3, owner "stapsdt", holds three addresses (the probe's, that of the section
 * .stapsdt.base when the file was linked, the semaphore's) and three texts, each with its NUL. A
 * tool that moved the file afterwards (prelink) moved the section but not the notes, so their
 * addresses are adjusted by the difference.
 */
#include "stapsdt.h"

#include <string.h>

enum {
	NOTE_TYPE = 3,
	ADDRESSES = 3,
	TEXTS = 3,
};

struct reading {
	struct arena *arena;
	stapsdts *found;
	size_t width;  /* of an address */
	uint64_t base; /* of .stapsdt.base, 0 when it is not there */
};

static uint64_t address_at(const struct reading *reading, const char *data)
{
	uint64_t wide = 0;
	uint32_t narrow = 0;

	if (reading->width == sizeof(wide)) {
		memcpy(&wide, data, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, data, sizeof(narrow));
	return narrow;
}

static bool take_note(const struct elf_note *note, void *context)
{
	struct reading *reading = context;
	size_t at = ADDRESSES * reading->width;
	const char *texts[TEXTS];
	uint64_t addresses[ADDRESSES];

	if (note->type != NOTE_TYPE || note->owner_size != sizeof("stapsdt") ||
		memcmp(note->owner, "stapsdt", sizeof("stapsdt")) != 0 || note->size < at)
		return true;
	for (size_t i = 0; i < ADDRESSES; i++)
		addresses[i] = address_at(reading, note->data + i * reading->width);
	for (size_t i = 0; i < TEXTS; i++) {
		const char *end = memchr(note->data + at, '\0', note->size - at);

		if (!end)
			return true;
		texts[i] = arena_strdup(reading->arena, note->data + at);
		at = (size_t)(end - note->data) + 1;
	}
	if (!*texts[0] || !*texts[1])
		return true;

	uint64_t moved = reading->base ? reading->base - addresses[1] : 0;

	vec_push(reading->found, ((struct stapsdt){
					 .provider = texts[0],
					 .name = texts[1],
					 .arguments = texts[2],
					 .address = addresses[0] + moved,
					 .semaphore = addresses[2] ? addresses[2] + moved : 0,
				 }));
	return true;
}

void stapsdt_read(struct elf *elf, struct arena *arena, stapsdts *ret)
{
	struct reading reading = {.arena = arena, .found = ret, .width = elf_address_size(elf)};
	struct elf_section base;

	if (!elf_is_native(elf))
		return;
	if (elf_section(elf, ".stapsdt.base", &base))
		reading.base = base.address;
	elf_notes(elf, ".note.stapsdt", take_note, &reading);
}
