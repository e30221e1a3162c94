/* SPDX-License-Identifier: Apache-2.0 */
/* Stacks of a kernel whose symbols are in a file of this test. */
#include "tests/unit/unit.h"

#include <sys/mman.h>
#include <unistd.h>

#include "bpftrace/runner/names/naming.h"

#define KERNEL                                                                                     \
	"ffffffff81000000 T _stext\n"                                                              \
	"ffffffff81001000 T first\n"                                                               \
	"ffffffff81002000 t second\n"                                                              \
	"ffffffff81003000 T _etext\n"
#define MODULE "ffffffffc0000000 t of_a_module\t[loaded]\n"

enum { FIRST = 0x1000, SECOND = 0x2000 };

static const uint64_t base = 0xffffffff81000000, in_module = 0xffffffffc0000010;

struct fixture {
	struct naming naming;
	struct str text;
};

static void write_file(int fd, const char *text)
{
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, text, strlen(text), 0), strlen(text));
}

static void write_symbols(struct fixture *fixture, const char *text)
{
	write_file(fixture->naming.kernel.kallsyms_fd, text);
}

static int setup(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){
		.naming.kernel.kallsyms_fd = memfd_create("kallsyms", MFD_CLOEXEC),
		.naming.kernel.modules_fd = memfd_create("modules", MFD_CLOEXEC),
	};
	write_symbols(&fixture, KERNEL);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	close(fixture->naming.kernel.kallsyms_fd);
	close(fixture->naming.kernel.modules_fd);
	kallsyms_free(fixture->naming.kernel.kallsyms);
	frame_texts_free(fixture->naming.kernel_texts);
	str_deinit(&fixture->text);
	return 0;
}

/* The text of a stack of the kernel with two frames. */
static const char *name(
	struct fixture *fixture, enum symbols_mode mode, uint64_t inner, uint64_t outer)
{
	union {
		struct symbols_stack stack;
		uint64_t words[sizeof(struct symbols_stack) / sizeof(uint64_t) + 2];
	} request = {.stack = {.mode = mode, .count = 2}};

	request.stack.frames[0] = inner;
	request.stack.frames[1] = outer;
	str_truncate(&fixture->text, 0);
	naming_append(&fixture->naming, &request.stack, &fixture->text);
	return str_text(&fixture->text);
}

/* The second frame is a return address, which belongs to the function before. */
static void frames_have_the_same_text_each_time(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 3; i++) {
		assert_string_equal(name(fixture, SYMBOLS_BPFTRACE, base + SECOND, base + SECOND),
			"second+0\nfirst+4096");
		assert_string_equal(name(fixture, SYMBOLS_FUNCTION, base + SECOND, base + SECOND),
			"second\nfirst");
		assert_string_equal(name(fixture, SYMBOLS_NAME, base + FIRST, base + SECOND + 1),
			"first\nsecond");
	}
}

static void many_frames_that_share_places(void **state)
{
	struct fixture *fixture = *state;
	char expected[64];

	for (int round = 0; round < 2; round++) {
		for (uint64_t i = 0; i < 4096; i++) {
			snprintf(expected, sizeof(expected), "first+%lu\nsecond+%lu", i, i + 1);
			assert_string_equal(name(fixture, SYMBOLS_BPFTRACE, base + FIRST + i,
						    base + SECOND + i + 1),
				expected);
		}
	}
}

static void a_module_that_was_loaded_after_symbols_were_read_ahead(void **state)
{
	struct fixture *fixture = *state;

	kernel_names_prepare(&fixture->naming.kernel);
	write_symbols(fixture, KERNEL MODULE);
	assert_string_equal(name(fixture, SYMBOLS_BPFTRACE, in_module, base + FIRST + 1),
		"of_a_module+16 [loaded]\nfirst+1");
}

static void a_module_in_place_of_another_one(void **state)
{
	struct fixture *fixture = *state;

	write_symbols(fixture, KERNEL MODULE);
	kernel_names_prepare(&fixture->naming.kernel);
	write_symbols(fixture, KERNEL "ffffffffc0000000 t of_another\t[other]\n");
	assert_string_equal(name(fixture, SYMBOLS_BPFTRACE, in_module, base + FIRST + 1),
		"of_another+16 [other]\nfirst+1");
}

/* All symbols are read again when modules came or went, or for code of BPF. */
static void modules_that_stay(void **state)
{
	struct fixture *fixture = *state;
	int modules = fixture->naming.kernel.modules_fd;

	write_file(modules, "loaded 8192 1 - Live 0xffffffffc0000000\nb 1 0 - Live 0x1 (O)\n");
	write_symbols(fixture, KERNEL MODULE);
	kernel_names_prepare(&fixture->naming.kernel);
	write_symbols(fixture, KERNEL "ffffffffc0000000 t of_another\t[other]\n");
	write_file(modules, "loaded 8192 2 - Live 0xffffffffc0000000\nb 1 0 - Live 0x1 (O)\n");
	assert_string_equal(name(fixture, SYMBOLS_BPFTRACE, in_module, base + FIRST + 1),
		"of_a_module+16 [loaded]\nfirst+1");
	kernel_names_prepare(&fixture->naming.kernel);
	write_file(modules, "loaded 8192 2 - Live 0xffffffffc0000000\nb 1 0 - Live 0x2 (O)\n");
	assert_string_equal(name(fixture, SYMBOLS_BPFTRACE, in_module, base + FIRST + 1),
		"of_another+16 [other]\nfirst+1");
}

static void programs_of_bpf_that_may_be_others(void **state)
{
	struct fixture *fixture = *state;

	write_file(fixture->naming.kernel.modules_fd, "b 1 0 - Live 0x1 (O)\n");
	write_symbols(fixture, KERNEL "ffffffffc0000000 t bpf_prog_1\t[bpf]\n");
	kernel_names_prepare(&fixture->naming.kernel);
	write_symbols(fixture, KERNEL "ffffffffc0000000 t bpf_prog_2\t[bpf]\n");
	assert_string_equal(name(fixture, SYMBOLS_BPFTRACE, in_module, base + FIRST + 1),
		"bpf_prog_2+16 [bpf]\nfirst+1");
}

/* They are not read for each frame that has no name. */
static void symbols_that_were_read_just_now_are_not_read_again(void **state)
{
	struct fixture *fixture = *state;

	assert_string_equal(name(fixture, SYMBOLS_BPFTRACE, in_module, base + FIRST + 1),
		"0xffffffffc0000010\nfirst+1");
	write_symbols(fixture, KERNEL MODULE);
	assert_string_equal(name(fixture, SYMBOLS_BPFTRACE, in_module, base + FIRST + 1),
		"0xffffffffc0000010\nfirst+1");
}

static void symbols_that_cannot_be_read_any_more(void **state)
{
	struct fixture *fixture = *state;

	kernel_names_prepare(&fixture->naming.kernel);
	write_symbols(fixture, "");
	assert_string_equal(name(fixture, SYMBOLS_BPFTRACE, in_module, base + FIRST + 1),
		"0xffffffffc0000010\nfirst+1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			frames_have_the_same_text_each_time, setup, teardown),
		cmocka_unit_test_setup_teardown(modules_that_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(
			programs_of_bpf_that_may_be_others, setup, teardown),
		cmocka_unit_test_setup_teardown(many_frames_that_share_places, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_module_that_was_loaded_after_symbols_were_read_ahead, setup, teardown),
		cmocka_unit_test_setup_teardown(a_module_in_place_of_another_one, setup, teardown),
		cmocka_unit_test_setup_teardown(
			symbols_that_were_read_just_now_are_not_read_again, setup, teardown),
		cmocka_unit_test_setup_teardown(
			symbols_that_cannot_be_read_any_more, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
