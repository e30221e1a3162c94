/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "libcommon/symbols/symbol_table.h"

static void add(struct symbol_table *table, uint64_t start, uint64_t size, const char *name)
{
	symbol_table_add(table, start, (struct alias){.name = name, .size = size}, strlen(name));
}

static void assert_symbol(const struct symbol_table *table, uint64_t address, const char *expected)
{
	struct symbol_found found;
	char text[256] = "none";

	if (symbol_table_find(table, address, &found))
		snprintf(text, sizeof(text), "%s+%lu", found.name, address - found.start);
	assert_string_equal(text, expected);
}

static void an_empty_table_has_none(void **state)
{
	(void)state;
	struct symbol_table table = {};

	symbol_table_finish(&table, 0);
	assert_symbol(&table, 0, "none");
	assert_symbol(&table, UINT64_MAX, "none");
	symbol_table_deinit(&table);
}

static void symbols_cover_their_size(void **state)
{
	(void)state;
	struct symbol_table table = {};

	add(&table, 0x200, 0x10, "b");
	add(&table, 0x100, 0x20, "a");
	symbol_table_finish(&table, 0x1000);
	assert_symbol(&table, 0xff, "none");
	assert_symbol(&table, 0x100, "a+0");
	assert_symbol(&table, 0x11f, "a+31");
	assert_symbol(&table, 0x120, "none");
	assert_symbol(&table, 0x20f, "b+15");
	assert_symbol(&table, 0x210, "none");
	symbol_table_deinit(&table);
}

static void those_without_a_size_end_at_the_next(void **state)
{
	(void)state;
	struct symbol_table table = {};

	add(&table, 0x100, 0, "_start");
	add(&table, 0x200, 0, "end");
	symbol_table_finish(&table, 0x300);
	assert_symbol(&table, 0x1ff, "_start+255");
	assert_symbol(&table, 0x2ff, "end+255");
	assert_symbol(&table, 0x300, "none");
	symbol_table_deinit(&table);
}

static void what_is_around_a_symbol_goes_on_behind_it(void **state)
{
	(void)state;
	struct symbol_table table = {};

	add(&table, 0x100, 0x100, "outer");
	add(&table, 0x110, 0x20, "inner");
	add(&table, 0x118, 0x8, "innermost");
	add(&table, 0x140, 0x10, "another");
	add(&table, 0x180, 0x200, "across");
	symbol_table_finish(&table, 0x1000);
	assert_symbol(&table, 0x10f, "outer+15");
	assert_symbol(&table, 0x117, "inner+7");
	assert_symbol(&table, 0x11f, "innermost+7");
	assert_symbol(&table, 0x120, "inner+16");
	assert_symbol(&table, 0x130, "outer+48");
	assert_symbol(&table, 0x14f, "another+15");
	assert_symbol(&table, 0x150, "outer+80");
	assert_symbol(&table, 0x1ff, "across+127");
	assert_symbol(&table, 0x37f, "across+511");
	assert_symbol(&table, 0x380, "none");
	symbol_table_deinit(&table);
}

static void one_of_several_at_an_address_remains(void **state)
{
	(void)state;
	struct symbol_table table = {};

	add(&table, 0x100, 0, "a_label_that_is_long");
	add(&table, 0x100, 0x10, "__libc_read");
	add(&table, 0x100, 0x10, "read");
	symbol_table_add(
		&table, 0x200, (struct alias){.name = "weak", .size = 4, .is_weak = true}, 4);
	symbol_table_add(&table, 0x200, (struct alias){.name = "w", .size = 4}, 1);
	symbol_table_add(&table, 0x300, (struct alias){.name = "own", .size = 4}, 3);
	symbol_table_add(
		&table, 0x300, (struct alias){.name = "g", .size = 4, .is_global = true}, 1);
	symbol_table_finish(&table, 0x1000);
	assert_symbol(&table, 0x101, "read+1");
	assert_symbol(&table, 0x201, "w+1");
	assert_symbol(&table, 0x301, "g+1");
	symbol_table_deinit(&table);
}

static void the_last_one_may_win(void **state)
{
	(void)state;
	struct symbol_table table = {.last_wins = true};

	add(&table, 0x100, 0x40, "the_first_one");
	add(&table, 0x100, 0x10, "x");
	symbol_table_finish(&table, 0);
	assert_symbol(&table, 0x10f, "x+15");
	assert_symbol(&table, 0x110, "none");
	symbol_table_deinit(&table);
}

static void addresses_up_to_the_highest(void **state)
{
	(void)state;
	struct symbol_table table = {};

	add(&table, UINT64_MAX - 15, 0x10, "top");
	add(&table, UINT64_MAX - 31, 0x100, "around");
	add(&table, 0, UINT64_MAX, "everything");
	symbol_table_finish(&table, 0);
	assert_symbol(&table, UINT64_MAX, "top+15");
	assert_symbol(&table, UINT64_MAX - 20, "around+11");
	assert_symbol(&table, 5, "none");
	symbol_table_deinit(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_table_has_none),
		cmocka_unit_test(symbols_cover_their_size),
		cmocka_unit_test(those_without_a_size_end_at_the_next),
		cmocka_unit_test(what_is_around_a_symbol_goes_on_behind_it),
		cmocka_unit_test(one_of_several_at_an_address_remains),
		cmocka_unit_test(the_last_one_may_win),
		cmocka_unit_test(addresses_up_to_the_highest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
