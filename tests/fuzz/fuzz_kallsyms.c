/* SPDX-License-Identifier: Apache-2.0 */
/* The input is /proc/kallsyms, and at its end an address that is asked for. */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <string.h>

#include "libcommon/symbols/kallsyms.h"
#include "tests/fuzz/memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kallsyms *symbols = NULL;
	struct kernel_symbol found;
	uint64_t address = 0, back;
	char path[32];
	_cleanup_close_ int file = memory_file(data, size, path);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_error_ struct error *error = kallsyms_read(fd, &symbols);

	if (error)
		return 0;
	if (size >= sizeof(address))
		memcpy(&address, data + size - sizeof(address), sizeof(address));
	if (kallsyms_find(symbols, address, &found)) {
		require(found.offset <= address && strlen(found.name) > 0);
		require(kallsyms_address(symbols, found.module, found.name, &back));
		require(back <= address);
	}
	kallsyms_free(symbols);
	return 0;
}
