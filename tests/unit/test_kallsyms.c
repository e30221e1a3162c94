/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/str.h"
#include "libcommon/symbols/kallsyms.h"

static struct error *read_text(const char *text, size_t size, struct kallsyms **ret)
{
	_cleanup_close_ int fd = memfd_create("kallsyms", MFD_CLOEXEC);

	assert_int_equal(write(fd, text, size), size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return kallsyms_read(fd, ret);
}

static struct kallsyms *symbols_of(const char *text)
{
	struct kallsyms *symbols = NULL;

	assert_success(read_text(text, strlen(text), &symbols));
	return symbols;
}

/* "name+offset [module]" of an address; "none". */
static void assert_symbol(const struct kallsyms *symbols, uint64_t address, const char *expected)
{
	struct kernel_symbol found;
	char text[256] = "none";

	if (kallsyms_find(symbols, address, &found))
		snprintf(text, sizeof(text), "%s+%lu%s%s", found.name, found.offset,
			*found.module ? " " : "", found.module);
	assert_string_equal(text, expected);
}

static void addresses_belong_to_the_symbol_before_them(void **state)
{
	(void)state;
	struct kallsyms *symbols = symbols_of("ffffffff81000000 T _stext\n"
					      "ffffffff81000100 t first\n"
					      "ffffffff81000180 T second\n");

	assert_symbol(symbols, 0, "none");
	assert_symbol(symbols, 0xffffffff80ffffff, "none");
	assert_symbol(symbols, 0xffffffff81000000, "_stext+0");
	assert_symbol(symbols, 0xffffffff8100017f, "first+127");
	assert_symbol(symbols, 0xffffffff81000180, "second+0");
	kallsyms_free(symbols);
}

static void the_last_symbol_ends_with_the_page_behind_its_own(void **state)
{
	(void)state;
	struct kallsyms *symbols = symbols_of("ffffffff81000180 T last\n"
					      "ffffffffc0000000 t f\t[one]\n"
					      "ffffffffc0800000 t g\t[two]\n");

	assert_symbol(symbols, 0xffffffff81001fff, "last+7807");
	assert_symbol(symbols, 0xffffffff81002000, "none");
	assert_symbol(symbols, 0xffffffffc0001fff, "f+8191 one");
	assert_symbol(symbols, 0xffffffffc0002000, "none");
	assert_symbol(symbols, 0xffffffffffffffff, "none");
	kallsyms_free(symbols);
}

static void per_cpu_symbols_are_far_from_the_others(void **state)
{
	(void)state;
	struct kallsyms *symbols = symbols_of("0000000000000000 A fixed_percpu_data\n"
					      "000000000001c000 A cpu_info\n"
					      "ffffffff81000000 T _stext\n");

	assert_symbol(symbols, 0x10, "fixed_percpu_data+16");
	assert_symbol(symbols, 0x1c008, "cpu_info+8");
	assert_symbol(symbols, 0x7fff00000000, "none");
	assert_symbol(symbols, 0xffffffff81000001, "_stext+1");
	kallsyms_free(symbols);
}

static void modules_are_sorted_in(void **state)
{
	(void)state;
	struct kallsyms *symbols =
		symbols_of("ffffffff81000000 T _stext\n"
			   "ffffffffc0000200 t b\t[ext4]\n"
			   "ffffffffc0000100 t a\t[ext4]\n"
			   "ffffffffa0000000 t c\t[xfs]\n"
			   "ffffffffb0000000 t bpf_prog_6deef7357e7b4530_x\t[bpf]");
	uint64_t address = 0;

	assert_symbol(symbols, 0xffffffffc0000101, "a+1 ext4");
	assert_symbol(symbols, 0xffffffffc0000203, "b+3 ext4");
	assert_symbol(symbols, 0xffffffffa0000004, "c+4 xfs");
	assert_symbol(symbols, 0xffffffffb0000004, "bpf_prog_6deef7357e7b4530_x+4 bpf");
	assert_true(kallsyms_address(symbols, NULL, "a", &address));
	assert_true(address == 0xffffffffc0000100);
	assert_true(kallsyms_address(symbols, "ext4", "b", &address));
	assert_true(address == 0xffffffffc0000200);
	assert_false(kallsyms_address(symbols, "xfs", "b", &address));
	assert_false(kallsyms_address(symbols, "", "b", &address));
	assert_false(kallsyms_address(symbols, NULL, "nothing", &address));
	kallsyms_free(symbols);
}

static void aliases_are_chosen_as_by_perf(void **state)
{
	(void)state;
	struct kallsyms *symbols = symbols_of("ffffffff81000000 W weak_and_very_long\n"
					      "ffffffff81000000 T __pfx_strong\n"
					      "ffffffff81000000 T strong\n"
					      "ffffffff81000010 t local_one\n"
					      "ffffffff81000010 T global\n"
					      "ffffffff81000020 T __do_it\n"
					      "ffffffff81000020 T short\n"
					      "ffffffff81000020 T do_it_now\n");
	uint64_t address = 0;

	assert_symbol(symbols, 0xffffffff81000001, "strong+1");
	assert_symbol(symbols, 0xffffffff81000010, "global+0");
	assert_symbol(symbols, 0xffffffff81000025, "do_it_now+5");
	assert_true(kallsyms_address(symbols, NULL, "weak_and_very_long", &address));
	assert_true(address == 0xffffffff81000000);
	kallsyms_free(symbols);
}

static void hidden_addresses_are_an_error(void **state)
{
	(void)state;
	struct kallsyms *symbols = NULL;
	static const char text[] = "0000000000000000 T _stext\n0000000000000000 t first\n";
	_cleanup_error_ struct error *error = read_text(text, sizeof(text) - 1, &symbols);

	assert_non_null(error);
	assert_int_equal(error->number, EPERM);
	assert_null(symbols);
}

static void malformed_lines_are_ignored(void **state)
{
	(void)state;
	struct kallsyms *symbols = symbols_of("\n"
					      "ffffffff81000000\n"
					      "ffffffff81000000 \n"
					      "ffffffff81000000 T\n"
					      "ffffffff81000000 T \n"
					      "xyz T name\n"
					      "ffffffff81000010 TT name\n"
					      "ffffffff81000020 T good trailing words\n"
					      "ffffffff81000030 T odd\t[]\n"
					      "ffffffff81000040 T odder\t[x\n");

	assert_symbol(symbols, 0xffffffff81000010, "none");
	assert_symbol(symbols, 0xffffffff81000020, "good+0");
	assert_symbol(symbols, 0xffffffff81000030, "odd+0");
	assert_symbol(symbols, 0xffffffff81000040, "odder+0");
	kallsyms_free(symbols);
}

/* More than a block of what is read, with lines on both sides of its end. */
static void many_symbols_are_found_each(void **state)
{
	(void)state;
	enum { COUNT = 20000, STEP = 0x40 };
	_cleanup_str_ struct str text = STR_INIT;
	struct kallsyms *symbols = NULL;
	uint64_t base = 0xffffffff81000000, address;

	for (int i = 0; i < COUNT; i++)
		str_printf(&text, "%lx t function_%d\n", base + (uint64_t)i * STEP, i);
	assert_success(read_text(text.data, text.length, &symbols));
	for (int i = 0; i < COUNT; i++) {
		char expected[64];

		snprintf(expected, sizeof(expected), "function_%d+%d", i, i % STEP);
		assert_symbol(symbols, base + (uint64_t)i * STEP + (uint64_t)(i % STEP), expected);
	}
	assert_true(kallsyms_address(symbols, NULL, "function_19999", &address));
	assert_true(address == base + 19999UL * STEP);
	kallsyms_free(symbols);
}

static void a_line_without_end_is_no_symbol(void **state)
{
	(void)state;
	_cleanup_str_ struct str text = STR_INIT;
	struct kallsyms *symbols = NULL;

	str_append(&text, "ffffffff81000000 T before\nffffffff81000010 T ");
	str_append_repeat(&text, 'x', 1 << 18);
	str_append(&text, "\nffffffff81000020 T behind\n");
	assert_success(read_text(text.data, text.length, &symbols));
	assert_symbol(symbols, 0xffffffff81000018, "before+24");
	assert_symbol(symbols, 0xffffffff81000021, "behind+1");
	kallsyms_free(symbols);
}

/* Every function of this machine's kernel is found by its address. Programs of BPF and trampolines,
 * as other tests load them, come and go. */
static void the_running_kernel(void **state)
{
	(void)state;
	_cleanup_close_ int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
	FILE *file = fopen("/proc/kallsyms", "re");
	struct kallsyms *symbols = NULL;
	_cleanup_error_ struct error *error = kallsyms_read(fd, &symbols);
	unsigned long address, checked = 0;
	char type, line[1024], name[512], module[64];

	if (error && error->number == EPERM) {
		fclose(file);
		skip();
	}
	assert_null(error);
	while (fgets(line, sizeof(line), file)) {
		struct kernel_symbol found;
		uint64_t back = 0;

		if (sscanf(line, "%lx %c %511s %63s", &address, &type, name, module) != 3)
			continue;
		assert_true(kallsyms_find(symbols, address, &found));
		assert_int_equal(found.offset, 0);
		if (checked++ % 1000 == 0) {
			assert_true(kallsyms_address(symbols, NULL, name, &back));
			assert_true(back <= address);
		}
	}
	assert_true(checked > 10000);
	fclose(file);
	kallsyms_free(symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_belong_to_the_symbol_before_them),
		cmocka_unit_test(the_last_symbol_ends_with_the_page_behind_its_own),
		cmocka_unit_test(per_cpu_symbols_are_far_from_the_others),
		cmocka_unit_test(modules_are_sorted_in),
		cmocka_unit_test(aliases_are_chosen_as_by_perf),
		cmocka_unit_test(hidden_addresses_are_an_error),
		cmocka_unit_test(malformed_lines_are_ignored),
		cmocka_unit_test(many_symbols_are_found_each),
		cmocka_unit_test(a_line_without_end_is_no_symbol),
		cmocka_unit_test(the_running_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
