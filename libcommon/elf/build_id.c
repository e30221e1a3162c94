/* SPDX-License-Identifier: Apache-2.0 */
#include "build_id.h"

#include <string.h>

enum { NOTE_BUILD_ID = 3 }; /* NT_GNU_BUILD_ID */

static bool take_build_id(const struct elf_note *note, void *context)
{
	struct build_id *id = context;

	if (note->type != NOTE_BUILD_ID || note->owner_size != sizeof("GNU") ||
		memcmp(note->owner, "GNU", sizeof("GNU")) != 0 || note->size > sizeof(id->bytes))
		return true;
	memcpy(id->bytes, note->data, note->size);
	id->size = note->size;
	return false;
}

struct build_id build_id_read(struct elf *elf)
{
	struct build_id id = {};

	elf_notes(elf, ".note.gnu.build-id", take_build_id, &id);
	return id;
}

bool build_id_is_same(const struct build_id *a, const struct build_id *b)
{
	return a->size > 0 && a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}
