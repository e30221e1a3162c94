/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "libcommon/symbols/perf_map.h"

static void parse(const char *text, struct symbol_table *table)
{
	*table = (struct symbol_table){};
	perf_map_parse(text, strlen(text), table);
}

static void assert_name(const struct symbol_table *table, uint64_t address, const char *expected)
{
	struct symbol_found found = {.name = "none"};

	symbol_table_find(table, address, &found);
	assert_string_equal(found.name, expected);
}

static void names_may_have_blanks(void **state)
{
	(void)state;
	struct symbol_table table;

	parse("7f0000001000 20 LazyCompile:*fib /srv/app.js:3\n"
	      "0x7f0000002000 0x10 Interpreter\n"
	      "7F0000003000 a0 last without end",
		&table);
	assert_name(&table, 0x7f0000001000, "LazyCompile:*fib /srv/app.js:3");
	assert_name(&table, 0x7f000000101f, "LazyCompile:*fib /srv/app.js:3");
	assert_name(&table, 0x7f0000001020, "none");
	assert_name(&table, 0x7f0000002008, "Interpreter");
	assert_name(&table, 0x7f000000309f, "last without end");
	symbol_table_deinit(&table);
}

static void code_that_was_compiled_again(void **state)
{
	(void)state;
	struct symbol_table table;

	parse("1000 20 a_name_that_was_there_before\n1000 10 now\n", &table);
	assert_name(&table, 0x1008, "now");
	assert_name(&table, 0x1018, "none");
	symbol_table_deinit(&table);
}

static void malformed_lines_are_ignored(void **state)
{
	(void)state;
	struct symbol_table table;

	parse("\n\n1000\n1000 \n1000 10\n1000 10 \nxyz 10 name\n1000 xyz name\n 1000 10 name\n"
	      "11111111111111111 10 name\n1000 0 name\n-1000 10 name\n0x 10 name\n2000 10 good\n",
		&table);
	assert_int_equal(table.entries.count, 1);
	assert_name(&table, 0x2000, "good");
	symbol_table_deinit(&table);
}

static void bytes_behind_a_nul_are_no_name(void **state)
{
	(void)state;
	static const char text[] = "1000 10 a\0b\n2000 10 c\n3000 \0 d\n";
	struct symbol_table table = {};

	perf_map_parse(text, sizeof(text) - 1, &table);
	assert_name(&table, 0x1000, "a");
	assert_name(&table, 0x2000, "c");
	assert_name(&table, 0x3000, "none");
	symbol_table_deinit(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_may_have_blanks),
		cmocka_unit_test(code_that_was_compiled_again),
		cmocka_unit_test(malformed_lines_are_ignored),
		cmocka_unit_test(bytes_behind_a_nul_are_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
