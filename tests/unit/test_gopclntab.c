/* SPDX-License-Identifier: Apache-2.0 */
/* Tables are built here for two functions, "main.main" at TEXT and "main.work" 0x40 bytes behind.
 */
#include "tests/unit/unit.h"

#include "libcommon/base/str.h"
#include "libcommon/symbols/gopclntab.h"

#define TEXT 0x401000UL

static const char names[] = "\0main.main\0main.work";

enum { NAME_MAIN = 1, NAME_WORK = 11 };

static void put(struct str *out, uint64_t value, size_t width)
{
	str_append_bytes(out, &value, width);
}

static void begin(struct str *out, uint32_t magic, size_t word)
{
	put(out, magic, 4);
	put(out, 0, 2);
	put(out, 1, 1);
	put(out, word, 1);
}

/* Of 1.18 and 1.20: 8 words in the header, then names, then the list. */
static void make_relative(struct str *out, uint32_t magic, size_t word)
{
	size_t header = 8 + 8 * word, list = header + sizeof(names), records = 5 * 4;

	begin(out, magic, word);
	put(out, 2, word);      /* functions */
	put(out, 0, word);      /* files */
	put(out, TEXT, word);   /* text */
	put(out, header, word); /* names */
	put(out, 0, word);
	put(out, 0, word);
	put(out, 0, word);
	put(out, list, word);
	str_append_bytes(out, names, sizeof(names));
	put(out, 0, 4), put(out, records, 4);
	put(out, 0x40, 4), put(out, records + 8, 4);
	put(out, 0x60, 4);
	put(out, 0, 4), put(out, NAME_MAIN, 4);
	put(out, 0x40, 4), put(out, NAME_WORK, 4);
}

/* Of 1.16: 7 words in the header. */
static void make_absolute(struct str *out, size_t word)
{
	size_t header = 8 + 7 * word, list = header + sizeof(names), records = 5 * word;

	begin(out, 0xfffffffa, word);
	put(out, 2, word);
	put(out, 0, word);
	put(out, header, word);
	put(out, 0, word);
	put(out, 0, word);
	put(out, 0, word);
	put(out, list, word);
	str_append_bytes(out, names, sizeof(names));
	put(out, TEXT, word), put(out, records, word);
	put(out, TEXT + 0x40, word), put(out, records + word + 4, word);
	put(out, TEXT + 0x60, word);
	put(out, TEXT, word), put(out, NAME_MAIN, 4);
	put(out, TEXT + 0x40, word), put(out, NAME_WORK, 4);
}

/* Of 1.2: the list follows the number of functions; all places count from the table's begin. */
static void make_oldest(struct str *out, size_t word)
{
	size_t records = 8 + word + 5 * word, texts = records + 2 * (word + 4);

	begin(out, 0xfffffffb, word);
	put(out, 2, word);
	put(out, TEXT, word), put(out, records, word);
	put(out, TEXT + 0x40, word), put(out, records + word + 4, word);
	put(out, TEXT + 0x60, word);
	put(out, TEXT, word), put(out, texts + NAME_MAIN, 4);
	put(out, TEXT + 0x40, word), put(out, texts + NAME_WORK, 4);
	str_append_bytes(out, names, sizeof(names));
}

static void assert_name(const struct symbol_table *table, uint64_t address, const char *expected)
{
	struct symbol_found found = {.name = "none"};

	symbol_table_find(table, address, &found);
	assert_string_equal(found.name, expected);
}

static void assert_functions(const struct str *data)
{
	struct symbol_table table = {};

	assert_true(gopclntab_parse(data->data, data->length, TEXT, &table));
	symbol_table_finish(&table, 0);
	assert_int_equal(table.entries.count, 2);
	assert_name(&table, TEXT - 1, "none");
	assert_name(&table, TEXT + 0x3f, "main.main");
	assert_name(&table, TEXT + 0x40, "main.work");
	assert_name(&table, TEXT + 0x5f, "main.work");
	assert_name(&table, TEXT + 0x60, "none");
	symbol_table_deinit(&table);
}

static void all_versions_in_both_widths(void **state)
{
	(void)state;
	for (size_t word = 4; word <= 8; word += 4) {
		_cleanup_str_ struct str v20 = STR_INIT, v18 = STR_INIT, v16 = STR_INIT,
					 v2 = STR_INIT;

		make_relative(&v20, 0xfffffff1, word);
		make_relative(&v18, 0xfffffff0, word);
		make_absolute(&v16, word);
		make_oldest(&v2, word);
		assert_functions(&v20);
		assert_functions(&v18);
		assert_functions(&v16);
		assert_functions(&v2);
	}
}

/* From Go 1.26 on the header does not have it. */
static void the_text_begins_where_the_section_does(void **state)
{
	(void)state;
	_cleanup_str_ struct str data = STR_INIT;

	make_relative(&data, 0xfffffff1, 8);
	memset(data.data + 8 + 2 * 8, 0, 8);
	assert_functions(&data);
}

static void other_bytes_are_no_table(void **state)
{
	(void)state;
	struct symbol_table table = {};
	_cleanup_str_ struct str data = STR_INIT;

	make_relative(&data, 0xfffffff2, 8);
	assert_false(gopclntab_parse(data.data, data.length, TEXT, &table));
	assert_false(gopclntab_parse("", 0, TEXT, &table));
	str_truncate(&data, 0);
	make_relative(&data, 0xfffffff1, 8);
	data.data[7] = 5;
	assert_false(gopclntab_parse(data.data, data.length, TEXT, &table));
	symbol_table_deinit(&table);
}

/* Each byte in turn becomes each of a few values, and the table ends at each byte: the sanitizers
 * see a read beyond its end. */
static void damaged_tables_are_read_inside_their_bounds(void **state)
{
	(void)state;
	static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	_cleanup_str_ struct str data = STR_INIT;

	make_relative(&data, 0xfffffff1, 8);
	for (size_t i = 8; i < data.length; i++) {
		for (size_t value = 0; value < ARRAY_SIZE(values); value++) {
			struct symbol_table table = {};
			uint8_t *copy = malloc(data.length);

			memcpy(copy, data.data, data.length);
			copy[i] = values[value];
			gopclntab_parse(copy, data.length, TEXT, &table);
			symbol_table_finish(&table, 0);
			symbol_table_deinit(&table);
			gopclntab_parse(copy, i, TEXT, &table);
			symbol_table_deinit(&table);
			free(copy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_versions_in_both_widths),
		cmocka_unit_test(the_text_begins_where_the_section_does),
		cmocka_unit_test(other_bytes_are_no_table),
		cmocka_unit_test(damaged_tables_are_read_inside_their_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
