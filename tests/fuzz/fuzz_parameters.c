/* SPDX-License-Identifier: Apache-2.0 */
/* The input is an ELF file: the parameters and results of its functions, with their places. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "libcommon/probes/parameters.h"
#include "libcommon/probes/programs.h"
#include "tests/fuzz/memory_file.h"

enum {
	FUNCTIONS_MOST = 16,
	PIECES_MOST = 16,
};

struct functions {
	uint64_t addresses[FUNCTIONS_MOST];
	size_t count;
};

static void add_address(const struct elf_symbol *symbol, void *context)
{
	struct functions *functions = context;

	if (functions->count < FUNCTIONS_MOST)
		functions->addresses[functions->count++] = symbol->address;
}

/* What code generation relies on. */
static void check_operand(const struct operand *operand, uint32_t size)
{
	uint32_t pieces = 0, bytes = 0;

	if (operand->kind == OPERAND_OTHER) {
		require(operand->why);
		return;
	}
	require(size > 0);
	for (; operand; operand = operand->rest) {
		require(operand->kind != OPERAND_OTHER);
		require(operand->size <= sizeof(uint64_t));
		require(operand->kind == OPERAND_MEMORY || operand->size > 0);
		require(++pieces <= PIECES_MOST);
		bytes += operand->size;
	}
	require(bytes <= size);
}

static void read_function(
	const struct probe_world *world, struct types *types, const struct probe_match *match)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	const struct operands *operands = NULL;
	uint32_t type = 0;
	_cleanup_error_ struct error *error =
		parameters_read(world, match, types, &arena, &type, &operands);

	if (error)
		return;
	require(types_member_count(types, type) == operands->count);
	for (uint32_t i = 0; i < operands->count; i++) {
		struct types_member member = types_member_at(types, type, i);

		check_operand(&operands->items[i], types_size(types, member.type));
	}
}

static void read_all(
	const struct probe_world *world, const char *path, const struct functions *functions)
{
	struct types *types = types_new(NULL);

	for (size_t i = 0; i < functions->count; i++) {
		struct probe_match match = {
			.target = path,
			.event = "function",
			.function = "function",
			.address = functions->addresses[i],
		};

		read_function(world, types, &match);
		match.is_return = true;
		read_function(world, types, &match);
	}
	types_free(types);
}

/* What these libraries forget of broken files is not ours to free. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libdw\nleak:libelf\n";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_elf_ struct elf *elf = NULL;
	struct functions functions = {};
	char path[32];
	_cleanup_close_ int fd = memory_file(data, size, path);
	_cleanup_error_ struct error *error = host_open_root("/", &host);

	require(!error);
	error = elf_open(&host, path, &elf);
	if (error)
		return 0;
	error_free(elf_code_symbols(elf, add_address, &functions));
	/* a match has the offset in the file */
	for (size_t i = 0; i < functions.count; i++)
		(void)elf_code_offset(elf, functions.addresses[i], &functions.addresses[i]);

	struct probe_world world = {.host = &host, .programs = programs_new()};

	read_all(&world, path, &functions);
	programs_free(world.programs);
	return 0;
}
