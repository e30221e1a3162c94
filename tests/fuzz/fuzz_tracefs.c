/* SPDX-License-Identifier: Apache-2.0 */
/* The input is the text of an event's format file. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "libcommon/host/tracefs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct tracefs_format format = {};
	struct error *error = tracefs_format_parse((const char *)data, size, &arena, &format);
	const struct tracefs_field *field;

	if (error) {
		require(error->message[0] && !format.fields.items);
		error_free(error);
		return 0;
	}
	vec_for_each (&format.fields, field) {
		require(field->name[0] && field->type[0]);
		require(strstr(field->declaration, field->name));
		require(field->count == 0 || field->is_array);
	}
	tracefs_format_deinit(&format);
	return 0;
}
