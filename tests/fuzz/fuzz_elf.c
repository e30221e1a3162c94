/* SPDX-License-Identifier: Apache-2.0 */
/* The input is an ELF file; each function that it claims to have is looked for in its segments. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "libcommon/elf/elf.h"
#include "tests/fuzz/memory_file.h"

static void visit(const struct elf_symbol *symbol, void *context)
{
	uint64_t offset;

	require(strlen(symbol->name) < SIZE_MAX);
	elf_code_offset(context, symbol->address, &offset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_elf_ struct elf *elf = NULL;
	char path[32];
	_cleanup_close_ int fd = memory_file(data, size, path);
	_cleanup_error_ struct error *error = host_open_root("/", &host);

	require(!error);
	error = elf_open(&host, path, &elf);
	if (!error)
		error = elf_functions(elf, visit, elf);
	require(!error || error->message[0]);
	return 0;
}
