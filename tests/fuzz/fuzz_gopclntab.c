/* SPDX-License-Identifier: Apache-2.0 */
/* The input is the function table of a Go program. */
#include "tests/fuzz/fuzz.h"

#include "libcommon/symbols/gopclntab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct symbol_table table = {};
	struct symbol_found found;

	gopclntab_parse(data, size, 0x1000, &table);
	symbol_table_finish(&table, 0);
	if (symbol_table_find(&table, 0x1000, &found))
		require(found.start <= 0x1000 && strlen(found.name) > 0);
	symbol_table_deinit(&table);
	return 0;
}
