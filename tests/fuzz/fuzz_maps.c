/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a line of /proc/PID/maps. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/symbols/maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *line = xstrndup((const char *)data, size);
	size_t length = strlen(line);
	struct maps_line found;

	if (!maps_line_parse(line, &found))
		return 0;
	require(found.start < found.end);
	require(found.path >= line && found.path <= line + length);
	return 0;
}
