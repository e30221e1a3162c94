/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a program or library that a process has mapped: its symbols by offsets in the file.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "libcommon/symbols/image.h"
#include "tests/fuzz/leaks.h"
#include "tests/fuzz/memory_file.h"

enum { PLACES = 64 }; /* offsets of the file that are asked for */

static void find(const struct image *image, uint64_t offset)
{
	struct image_symbol found;
	uint64_t address;

	if (image_find(image, offset, &found)) {
		require(image_address(image, offset, &address));
		require(found.offset <= address);
		require(strlen(found.name) < SIZE_MAX);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_elf_ struct elf *elf = NULL;
	char path[32];
	_cleanup_close_ int fd = memory_file(data, size, path);
	_cleanup_error_ struct error *error = host_open_root("/", &host);
	struct image *image;

	require(!error);
	error = elf_open(&host, path, &elf);
	if (error)
		return 0;
	image = image_read(&host, elf);
	require(image_size(image) > 0);
	for (uint64_t i = 0; i < PLACES; i++)
		find(image, size * i / PLACES);
	find(image, UINT64_MAX);
	image_free(image);
	return 0;
}
