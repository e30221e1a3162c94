/* SPDX-License-Identifier: Apache-2.0 */
/* The input is an ELF file: types of its functions' parameters and results, of its structs and
 * enumerators by name, and what their pointers lead to, as BTF that the kernel's tools can read. */
#include "tests/fuzz/fuzz.h"

#include <dwarf.h>
#include <stdio.h>
#include <string.h>

#include "libcommon/elf/die.h"
#include "libcommon/elf/elf.h"
#include "libcommon/host/btf_check.h"
#include "libcommon/types/from_dwarf.h"
#include "tests/fuzz/leaks.h"
#include "tests/fuzz/memory_file.h"

enum {
	FUNCTIONS_MOST = 16, /* whose types are read */
	NAMES_MOST = 64,     /* of one unit that are looked up */
	TYPES_MOST = 512,    /* that are completed and spelled */
};

struct reading {
	struct types *types;
	struct debuginfo *info;
	uint64_t addresses[FUNCTIONS_MOST];
	size_t functions;
	VEC(uint32_t) found;
};

static void add_address(const struct elf_symbol *symbol, void *context)
{
	struct reading *reading = context;

	if (reading->functions < FUNCTIONS_MOST)
		reading->addresses[reading->functions++] = symbol->address;
}

/* Functions are no values. */
static void note(struct reading *reading, uint32_t type)
{
	enum type_class class = types_class(reading->types, type);

	if (class != TYPE_VOID && class != TYPE_FUNCTION && reading->found.count < TYPES_MOST)
		vec_push(&reading->found, type);
}

static void read_function(struct reading *reading, uint64_t address)
{
	Dwarf_Die function, die;

	if (!debuginfo_function(reading->info, address, &function))
		return;
	note(reading, types_from_dwarf(reading->types, reading->info, &function));
	if (dwarf_child(&function, &die) != 0)
		return;
	do {
		note(reading, types_from_dwarf(reading->types, reading->info, &die));
	} while (reading->found.count < TYPES_MOST && dwarf_siblingof(&die, &die) == 0);
}

static void find_names(struct reading *reading, uint64_t address)
{
	static const char *const keywords[] = {"struct", "union", "enum", NULL};
	Dwarf_Die unit, die;
	uint64_t value;
	size_t count = 0;

	if (!debuginfo_described(reading->info, address, &unit) || dwarf_child(&unit, &die) != 0)
		return;
	do {
		const char *name = die_text(&die, DW_AT_name);

		for (size_t i = 0; name && i < ARRAY_SIZE(keywords); i++)
			note(reading, types_find_dwarf(reading->types, reading->info, address,
					      keywords[i], name));
		if (name)
			dwarf_enumerator(reading->info, count % 2 ? address : 0, name, &value);
	} while (++count < NAMES_MOST && dwarf_siblingof(&die, &die) == 0);
}

/* What pointers lead to becomes known, member by member. */
static void follow(struct reading *reading)
{
	struct types *types = reading->types;

	for (size_t i = 0; i < reading->found.count; i++) {
		uint32_t type = types_complete(types, reading->found.items[i]);
		_cleanup_str_ struct str text = STR_INIT;

		types_spell(types, type, &text);
		require(str_text(&text)[0]);
		require(types_align(types, type) > 0);
		reading->found.items[i] = type;
		note(reading, types_pointee(types, type));
		note(reading, types_element(types, type, NULL));
		for (uint32_t at = 0; at < types_member_count(types, type); at++)
			note(reading, types_member_at(types, type, at).type);
	}
}

/* The message is part of what the fuzzer reports. */
static void require_success(struct error *error)
{
	if (error)
		fprintf(stderr, "%s\n", error->message);
	require(!error);
}

static void check_export(struct reading *reading)
{
	uint32_t ids[TYPES_MOST];
	struct btf *btf = NULL;

	require(reading->found.count <= ARRAY_SIZE(ids));

	require_success(types_export(
		reading->types, reading->found.items, reading->found.count, ids, &btf));
	require_success(btf_check(btf));
	btf__free(btf);
}

static void read_all(struct reading *reading)
{
	reading->types = types_new(NULL);
	for (size_t i = 0; i < reading->functions; i++) {
		read_function(reading, reading->addresses[i]);
		find_names(reading, reading->addresses[i]);
	}
	follow(reading);
	check_export(reading);
	types_free(reading->types);
	vec_deinit(&reading->found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_elf_ struct elf *elf = NULL;
	struct reading reading = {};
	char path[32];
	_cleanup_close_ int fd = memory_file(data, size, path);
	_cleanup_error_ struct error *error = host_open_root("/", &host);

	require(!error);
	error = elf_open(&host, path, &elf);
	if (error)
		return 0;
	error_free(elf_code_symbols(elf, add_address, &reading));
	reading.info = debuginfo_open(&host, &elf);
	if (!reading.info)
		return 0;
	read_all(&reading);
	debuginfo_free(reading.info);
	return 0;
}
