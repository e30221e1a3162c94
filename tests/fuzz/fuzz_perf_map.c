/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a perf map; a symbol that is found covers the address, and its name is no more than
 * a line. */
#include "tests/fuzz/fuzz.h"

#include "libcommon/symbols/perf_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct symbol_table table = {};

	perf_map_parse((const char *)data, size, &table);
	for (uint64_t address = 0; address < 1 << 16; address += 61) {
		struct symbol_found found;

		if (!symbol_table_find(&table, address, &found))
			continue;
		require(found.start <= address);
		require(strlen(found.name) > 0 && !strchr(found.name, '\n'));
	}
	symbol_table_deinit(&table);
	return 0;
}
