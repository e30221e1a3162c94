/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "libcommon/base/format.h"

static void cleanup_format(struct format *format)
{
	format_deinit(format);
}

#define _cleanup_format_ _cleanup_(cleanup_format)

static struct error *parse(const char *text, struct format *ret)
{
	return format_parse(text, strlen(text), SIZE_MAX, ret);
}

static void literals_and_conversions(void **state _unused_)
{
	_cleanup_format_ struct format format = {};

	assert_success(parse("a%%b %-5.3lldx%s%rh%rx%r 100%%", &format));
	assert_int_equal(format.arguments, 5);
	assert_int_equal(format.items.count, 6);

	const struct format_item *item = format.items.items;

	assert_string_equal(item[0].literal, "a%b ");
	assert_int_equal(item[0].literal_length, 4);
	assert_int_equal(item[0].conversion, CONVERSION_SIGNED);
	assert_int_equal(item[0].letter, 'd');
	assert_true(item[0].left);
	assert_int_equal(item[0].width, 5);
	assert_int_equal(item[0].precision, 3);
	assert_int_equal(item[0].bytes, 8);
	assert_int_equal(item[0].begin, 5);
	assert_int_equal(item[0].end, 13);
	assert_string_equal(item[1].literal, "x");
	assert_int_equal(item[1].conversion, CONVERSION_STRING);
	assert_int_equal(item[1].precision, -1);
	assert_int_equal(item[2].conversion, CONVERSION_BUFFER);
	assert_int_equal(item[2].buffer_style, 'h');
	assert_int_equal(item[3].buffer_style, 'x');
	assert_int_equal(item[4].buffer_style, 0);
	assert_int_equal(item[5].conversion, CONVERSION_NONE);
	assert_string_equal(item[5].literal, " 100%");
}

static void lengths(void **state _unused_)
{
	static const struct {
		const char *text;
		unsigned bytes;
	} rows[] = {{"%hhd", 1}, {"%hu", 2}, {"%d", 0}, {"%lx", 8}, {"%llo", 8}, {"%jd", 8},
		{"%zu", 8}, {"%td", 8}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_format_ struct format format = {};

		assert_success(parse(rows[i].text, &format));
		assert_int_equal(format.items.items[0].bytes, rows[i].bytes);
	}
}

static void nul_bytes_are_text(void **state _unused_)
{
	_cleanup_format_ struct format format = {};

	assert_success(format_parse("a\0b%d", 5, 1, &format));
	assert_int_equal(format.items.items[0].literal_length, 3);
	assert_memory_equal(format.items.items[0].literal, "a\0b", 3);
}

static void empty_has_no_items(void **state _unused_)
{
	_cleanup_format_ struct format format = {};

	assert_success(parse("", &format));
	assert_int_equal(format.items.count, 0);
}

/* The texts before the conversions and behind the last, with a bar for each conversion. */
static void assert_parsed(
	const char *text, size_t supplied, const char *expected, const char *stray)
{
	_cleanup_format_ struct format format = {};
	_cleanup_str_ struct str found = STR_INIT;
	const struct format_item *item;

	assert_success(format_parse(text, strlen(text), supplied, &format));
	vec_for_each (&format.items, item) {
		str_append_bytes(&found, item->literal, item->literal_length);
		if (item->conversion != CONVERSION_NONE)
			str_append_char(&found, '|');
	}
	assert_string_equal(str_text(&found), expected);
	assert_int_equal(format.strays != 0, stray != NULL);
	if (stray) {
		assert_int_equal(format.stray_end - format.stray_begin, strlen(stray));
		assert_memory_equal(text + format.stray_begin, stray, strlen(stray));
	}
}

static void percent_signs_without_a_conversion_are_text(void **state _unused_)
{
	assert_parsed("HIT%\n", 0, "HIT%\n", "%");
	assert_parsed("%", 0, "%", "%");
	assert_parsed("%%%", 0, "%%", "%");
	assert_parsed("%d %5", 1, "| %5", "%5");
	assert_parsed("%y %d", 1, "%y |", "%y");
	assert_parsed("a %-3q%f", 0, "a %-3q%f", "%-3q");
	assert_parsed("50%-60%", 0, "50%-60%", "%-60");
	assert_parsed("%*y %.*", 0, "%*y %.*", "%*y");
	assert_parsed("%l%d", 1, "%l|", "%l");
	assert_parsed("%99999999999 %d", 1, "%99999999999 |", "%99999999999");
}

static void blanks_are_flags_where_there_is_an_argument(void **state _unused_)
{
	assert_parsed("100% done", 0, "100% done", "% d");
	assert_parsed("100% done", 1, "100|one", NULL);
	assert_parsed("100% done, %d", 1, "100% done, |", "% d");
	assert_parsed("% d% d", 1, "||", NULL);
	assert_parsed("%- d", 0, "|", NULL);
}

static void signs_of_integers(void **state _unused_)
{
	const struct format_item d = {.conversion = CONVERSION_SIGNED};
	const struct format_item x = {.conversion = CONVERSION_UNSIGNED};

	for (size_t size = 1; size <= 8; size *= 2) {
		assert_true(format_reads_signed(&d, size, true));
		assert_int_equal(format_reads_signed(&d, size, false), size >= 4);
		assert_false(format_reads_signed(&x, size, true));
		assert_false(format_reads_signed(&x, size, false));
	}
}

static void bad_formats(void **state _unused_)
{
	struct format format = {};

	assert_failure(parse("%*d", &format), "'*' as a width is not supported");
	assert_failure(parse("%.*s", &format), "'*' as a precision is not supported");
	assert_failure(parse("%99999999999d", &format), "the width is larger than 65536");
	assert_failure(parse("%.70000d", &format), "the precision is larger than 65536");
	assert_null(format.items.items);
}

/* The text of one conversion of value. */
static void convert(const char *conversion, uint64_t value, struct str *out)
{
	_cleanup_format_ struct format format = {};

	assert_success(parse(conversion, &format));
	format_integer(&format.items.items[0], value, out);
}

/* What C prints for the same conversion; the language's default length is C's ll. */
static void convert_in_c(
	const char *flags, const char *length, char letter, uint64_t value, struct str *out)
{
	char conversion[32];

	if (strcmp(length, "hh") == 0 || strcmp(length, "h") == 0) {
		snprintf(conversion, sizeof(conversion), "%%%s%s%c", flags, length, letter);
		str_printf(out, conversion, (int)value);
		return;
	}
	snprintf(conversion, sizeof(conversion), "%%%sll%c", flags, letter);
	str_printf(out, conversion, (long long)value);
}

/* Every mix of flags, widths, precisions, lengths and letters prints as the C library does. */
static void integers_print_as_in_c(void **state _unused_)
{
	static const char flag_letters[] = "-0+ #";
	static const char *const widths[] = {"", "1", "6", "24"};
	static const char *const precisions[] = {"", ".", ".1", ".9"};
	static const char *const lengths_of_c[] = {"", "hh", "h", "l", "ll"};
	static const uint64_t values[] = {0, 1, 7, 8, 255, 256, 0x8000, 0xfedc, 1ull << 40,
		0x7fffffffffffffff, 0x8000000000000000, UINT64_MAX};
	size_t compared = 0;

	for (unsigned set = 0; set < 32; set++) {
		for (size_t i = 0; i < 4 * 4 * 5 * 6 * ARRAY_SIZE(values); i++) {
			char flags[32] = "";
			size_t rest = i;
			const char *width = widths[rest % 4];
			const char *precision = precisions[(rest /= 4) % 4];
			const char *length = lengths_of_c[(rest /= 4) % 5];
			char letter = "diuxXo"[(rest /= 5) % 6];
			uint64_t value = values[rest / 6];
			_cleanup_str_ struct str expected = STR_INIT;
			_cleanup_str_ struct str found = STR_INIT;
			char conversion[64];

			for (unsigned bit = 0; bit < 5; bit++) {
				if (set & (1u << bit))
					strcat(flags, (const char[]){flag_letters[bit], '\0'});
			}
			strcat(strcat(flags, width), precision);
			snprintf(conversion, sizeof(conversion), "%%%s%s%c", flags, length, letter);
			convert(conversion, value, &found);
			convert_in_c(flags, length, letter, value, &expected);
			if (strcmp(found.data, expected.data) != 0)
				fail_msg("%s of %#llx: \"%s\" instead of \"%s\"", conversion,
					(unsigned long long)value, found.data, expected.data);
			compared++;
		}
	}
	assert_int_equal(compared, 32 * 4 * 4 * 5 * 6 * ARRAY_SIZE(values));
}

static void assert_converted(const char *conversion, uint64_t value, const char *expected)
{
	_cleanup_str_ struct str out = STR_INIT;

	str_append(&out, "|");
	convert(conversion, value, &out);
	str_append(&out, "|");
	if (strcmp(out.data, expected) != 0)
		fail_msg("%s: %s instead of %s", conversion, out.data, expected);
}

static void pointers_and_characters(void **state _unused_)
{
	assert_converted("%p", 0x1234, "|0x1234|");
	assert_converted("%p", 0, "|0x0|");
	assert_converted("%p", UINT64_MAX, "|0xffffffffffffffff|");
	assert_converted("%10p", 0x12, "|      0x12|");
	assert_converted("%-10p", 0x12, "|0x12      |");
	assert_converted("%016p", 0x12, "|0x00000000000012|");
	assert_converted("%c", 'A', "|A|");
	assert_converted("%c", 0x141, "|A|");
	assert_converted("%3c", 'A', "|  A|");
	assert_converted("%-3c", 'A', "|A  |");
	assert_converted("%d", 1ull << 40, "|1099511627776|");
}

static void nul_characters_are_printed(void **state _unused_)
{
	_cleanup_str_ struct str out = STR_INIT;

	convert("%3c", 0, &out);
	assert_int_equal(out.length, 3);
	assert_memory_equal(out.data, "  \0", 3);
}

static void assert_printed(
	const char *conversion, const char *data, size_t size, const char *expected)
{
	_cleanup_format_ struct format format = {};
	_cleanup_str_ struct str out = STR_INIT;

	assert_success(parse(conversion, &format));
	str_append(&out, "|");
	if (format.items.items[0].conversion == CONVERSION_STRING)
		format_text(&format.items.items[0], data, size, &out);
	else
		format_buffer(&format.items.items[0], data, size, &out);
	str_append(&out, "|");
	assert_string_equal(out.data, expected);
}

static void texts(void **state _unused_)
{
	assert_printed("%s", "abc", 3, "|abc|");
	assert_printed("%s", "abc", 2, "|ab|");
	assert_printed("%5s", "abc", 3, "|  abc|");
	assert_printed("%-5s", "abc", 3, "|abc  |");
	assert_printed("%2s", "abc", 3, "|abc|");
	assert_printed("%.2s", "abc", 3, "|ab|");
	assert_printed("%.0s", "abc", 3, "||");
	assert_printed("%4.9s", "abc", 3, "| abc|");
	assert_printed("%s", "", 0, "||");
}

static void buffers(void **state _unused_)
{
	assert_printed("%r", "a\0z", 3, "|a\\x00z|");
	assert_printed("%r", " ~\x1f\x7f\xff\\", 6, "| ~\\x1f\\x7f\\xff\\|");
	assert_printed("%rh", "ab", 2, "|61 62|");
	assert_printed("%rx", "ab\x01", 3, "|\\x61\\x62\\x01|");
	assert_printed("%8rh", "ab", 2, "|   61 62|");
	assert_printed("%-8rh", "ab", 2, "|61 62   |");
	assert_printed("%.1rx", "ab", 2, "|\\x61|");
	assert_printed("%rh", "", 0, "||");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals_and_conversions),
		cmocka_unit_test(lengths),
		cmocka_unit_test(nul_bytes_are_text),
		cmocka_unit_test(empty_has_no_items),
		cmocka_unit_test(percent_signs_without_a_conversion_are_text),
		cmocka_unit_test(blanks_are_flags_where_there_is_an_argument),
		cmocka_unit_test(signs_of_integers),
		cmocka_unit_test(bad_formats),
		cmocka_unit_test(integers_print_as_in_c),
		cmocka_unit_test(pointers_and_characters),
		cmocka_unit_test(nul_characters_are_printed),
		cmocka_unit_test(texts),
		cmocka_unit_test(buffers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
