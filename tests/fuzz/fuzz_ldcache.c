/* SPDX-License-Identifier: Apache-2.0 */
/* The input is the linker's cache; whatever it holds, only absolute paths come out. */
#include "tests/fuzz/fuzz.h"

#include "libcommon/elf/ldcache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"libc", "libc.so.6", "lib", ""};
	_cleanup_arena_ struct arena arena = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *path =
			ldcache_parse((const char *)data, size, arch_native(), names[i], &arena);

		require(!path || *path == '/');
	}
	return 0;
}
