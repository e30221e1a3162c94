/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a list of settings, NAME=VALUE each, with NULs between them as in an environment. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "bpftrace/door/settings.h"

static void set(struct settings *settings, char *assignment, struct arena *arena)
{
	struct suggestion suggestion;
	char *value = strchr(assignment, '=');

	if (!value)
		return;
	*value++ = '\0';

	const struct setting_desc *row = setting_find(assignment, &suggestion);

	if (!row)
		return;

	_cleanup_error_ struct error *error = settings_set(settings, row, value, arena);

	require(!error || strstr(error->message, row->name) ||
		strstr(error->message, row->variable));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct settings settings = settings_default(), again;
	char *text = arena_alloc(&arena, size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t at = 0; at < size;) {
		size_t length = strlen(text + at);

		set(&settings, text + at, &arena);
		at += length + 1;
	}

	_cleanup_json_ json_t *json = settings_to_json(&settings);
	_cleanup_error_ struct error *error = settings_from_json(json, &arena, &again);

	require(!error);
	return 0;
}
