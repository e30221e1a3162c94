/* SPDX-License-Identifier: Apache-2.0 */
/* The input is an ELF file: its functions, static probes with their operands, debug file and source
 * lines. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "libcommon/elf/debugfile.h"
#include "libcommon/elf/demangle.h"
#include "libcommon/elf/golang.h"
#include "libcommon/elf/operand.h"
#include "libcommon/elf/srclines.h"
#include "libcommon/elf/stapsdt.h"
#include "tests/fuzz/leaks.h"
#include "tests/fuzz/memory_file.h"

enum { FUNCTIONS_MOST = 16 }; /* whose lines are read */

struct functions {
	struct elf *elf;
	uint64_t addresses[FUNCTIONS_MOST];
	size_t count;
};

static void visit(const struct elf_symbol *symbol, void *context)
{
	struct functions *functions = context;
	_cleanup_free_ char *name = demangle(symbol->name, DEMANGLE_FULL);
	uint64_t offset;

	require(symbol->name[0]);
	elf_code_offset(functions->elf, symbol->address, &offset);
}

static bool find_symbol(void *context, const char *name, uint64_t *ret)
{
	return elf_symbol_address(context, name, ret, NULL);
}

static void read_probes(struct elf *elf, struct arena *arena)
{
	const struct operand_symbols symbols = {find_symbol, elf};
	static const char *const arches[] = {"x86_64", "aarch64"};
	stapsdts notes = {};
	const struct stapsdt *note;
	uint64_t offset;

	stapsdt_read(elf, arena, &notes);
	vec_for_each (&notes, note) {
		require(note->provider[0] && note->name[0]);
		elf_code_offset(elf, note->address, &offset);
		elf_data_offset(elf, note->semaphore, &offset);
		for (size_t i = 0; i < ARRAY_SIZE(arches); i++) {
			struct operands operands = operands_parse(arch_find(arches[i]),
				note->arguments, note->address, &symbols, arena);

			require(operands_equal(&operands, &operands));
		}
	}
	vec_deinit(&notes);
}

static void read_functions(const struct host *host, struct elf *elf)
{
	struct functions functions = {.elf = elf};

	error_free(debugfile_functions(host, elf, visit, &functions));
}

static void add_address(const struct elf_symbol *symbol, void *context)
{
	struct functions *functions = context;

	if (functions->count < FUNCTIONS_MOST)
		functions->addresses[functions->count++] = symbol->address + symbol->size / 2;
}

/* Takes over elf. */
static void read_lines(const struct host *host, struct elf *elf)
{
	struct functions functions = {.elf = elf};

	error_free(elf_code_symbols(elf, add_address, &functions));

	struct srclines *lines = srclines_open(host, &elf);

	for (size_t i = 0; lines && i < functions.count; i++) {
		size_t count;
		const struct srcline *found = srclines_find(lines, functions.addresses[i], &count);

		for (size_t j = 0; found && j < count; j++) {
			require(!found[j].function || strlen(found[j].function) < SIZE_MAX);
			require(!found[j].file || strlen(found[j].file) < SIZE_MAX);
		}
	}
	srclines_free(lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_elf_ struct elf *elf = NULL;
	char path[32];
	_cleanup_close_ int fd = memory_file(data, size, path);
	_cleanup_error_ struct error *error = host_open_root("/", &host);

	require(!error);
	error = elf_open(&host, path, &elf);
	require(!error || error->message[0]);
	if (error)
		return 0;
	golang_made(elf);
	read_probes(elf, &arena);
	read_functions(&host, elf);
	read_lines(&host, TAKE(elf));
	return 0;
}
