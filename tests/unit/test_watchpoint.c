/* SPDX-License-Identifier: Apache-2.0 */
/* Functions are those of its own executable. */
#include "tests/unit/probing.h"

#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>

#include "libcommon/host/arch.h"

int watched(int *number);

__attribute__((noinline)) int watched(int *number)
{
	return *number * 3;
}

static int setup(void **state)
{
	static struct probing probing;

	probing_open(&probing, "/");
	*state = &probing;
	return 0;
}

static int teardown(void **state)
{
	probing_close(*state);
	return 0;
}

static void addresses(void **state)
{
	struct probing *probing = *state;
	const struct probe_match *match = probing_one(probing, "w:0xffffffff81000000:8:rw");

	assert_string_equal(match->name, "watchpoint:0xffffffff81000000:8:rw");
	assert_string_equal(match->function, match->name);
	assert_int_equal(match->attach, ATTACH_WATCHPOINT);
	assert_int_equal(match->context, CONTEXT_PERF);
	assert_int_equal(match->perf_type, PERF_TYPE_BREAKPOINT);
	assert_int_equal(match->perf_config, HW_BREAKPOINT_RW);
	assert_int_equal(match->address, 0xffffffff81000000);
	assert_int_equal(match->length, 8);
	assert_int_equal(match->period, 1);

	match = probing_one(probing, "watchpoint:0xffffffffffffffff:1:w");
	assert_true(match->address == UINT64_MAX);
	assert_int_equal(match->perf_config, HW_BREAKPOINT_W);
	match = probing_one(probing, "asyncwatchpoint:0xffffffff81000010:4:wr");
	assert_string_equal(match->name, "asyncwatchpoint:0xffffffff81000010:4:wr");
}

/* Code has no length: any address may be watched, by the length of a pointer. */
static void addresses_of_code(void **state)
{
	const struct probe_match *match = probing_one(*state, "w:0xffffffff81000001:1:x");

	assert_int_equal(match->perf_config, HW_BREAKPOINT_X);
	assert_int_equal(match->length, sizeof(long));
}

static void spellings_that_are_none(void **state)
{
	struct probing *probing = *state;
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"w:16:3:w", "w:16:3:w: the length must be one of (1,2,4,8)"},
		{"w:16:0:w", "w:16:0:w: the length must be one of (1,2,4,8)"},
		{"w:16:16:w", "w:16:16:w: the length must be one of (1,2,4,8)"},
		{"w:16::w", "w:16::w: the length must be one of (1,2,4,8)"},
		{"w:16:8:", "w:16:8:: the mode is missing: r, w, x or several"},
		{"w:16:8:ww", "w:16:8:ww: the mode is a combination of r, w and x, each once"},
		{"w:16:8:W", "w:16:8:W: the mode is a combination of r, w and x, each once"},
		{"w:16:8:rx",
			"w:16:8:rx: execution cannot be watched together with reads or writes"},
		{"w:0:8:w", "w:0:8:w: must be attached to a non-zero address"},
		{"w:20:8:w", "w:20:8:w: the address must be a multiple of the length"},
		{"w:0x7fffffffe000:8:w", "0x7fffffffe000 is an address of a process: give it by "
					 "-p PID or -c COMMAND"},
		{"w:f:8:w", "'f' is neither an address nor a function with +argN"},
		{"w::8:w", "'' is neither an address nor a function with +argN"},
		{"w:16+ar:8:w", "'16+ar' is neither an address nor a function with +argN"},
		{"w:99999999999999999999:8:w",
			"'99999999999999999999' is neither an address nor a function with +argN"},
		{"w:f+arg0:8:w", "watchpoint of a function's argument needs -p PID or "
				 "-c COMMAND"},
	};
	static const char *const incomplete[] = {"w", "w:", "w:16", "w:16:8", "w:16:8:w:w"};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_failure(probing_match(probing, cases[i].text), cases[i].message);
	for (size_t i = 0; i < ARRAY_SIZE(incomplete); i++) {
		_cleanup_error_ struct error *error = probing_match(probing, incomplete[i]);

		assert_non_null(error);
		assert_non_null(strstr(error->message, "watchpoint:ADDRESS:LENGTH:MODE"));
	}
}

static void arguments_of_functions(void **state)
{
	struct probing *probing = *state;
	const struct probe_match *match;
	const struct arch *arch = arch_native();
	int number = 1;

	assert_int_equal(watched(&number), 3);
	probing->world.pid = getpid();
	match = probing_one(probing, "w:watched+arg1:4:w");
	assert_string_equal(match->name, "watchpoint:watched+arg1:4:w");
	assert_string_equal(match->function, "watched");
	assert_int_equal(match->attach, ATTACH_WATCH_ARGUMENT);
	assert_int_equal(match->argument, arch->arguments[1]);
	assert_int_equal(match->length, 4);
	assert_true(match->address != 0 && match->stops);
	match = probing_one(probing, "aw:watched+arg0:4:w");
	assert_int_equal(match->argument, arch->arguments[0]);
	assert_false(match->stops);
}

static void arguments_that_are_none(void **state)
{
	struct probing *probing = *state;
	static const char *const endings[] = {"+arg", "+arg+", "+argx", "+arg-1", "+arg99",
		"+arg18446744073709551616", "+arg0+1", "+arg0+1x", "+argument+"};

	probing->world.pid = getpid();
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		_cleanup_str_ struct str text = STR_INIT, message = STR_INIT;

		str_printf(&text, "w:watched%s:8:w", endings[i]);
		str_printf(&message, "%s: arguments in registers are arg0 to arg%zu", text.data,
			arch_native()->argument_count - 1);
		assert_failure(probing_match(probing, text.data), message.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(addresses_of_code, setup, teardown),
		cmocka_unit_test_setup_teardown(spellings_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(arguments_of_functions, setup, teardown),
		cmocka_unit_test_setup_teardown(arguments_that_are_none, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
