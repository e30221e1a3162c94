/* SPDX-License-Identifier: Apache-2.0 */
/* The helper that names addresses, asked about this process, the kernel, and children. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <poll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bpftrace/runner/names/symbols.h"
#include "libcommon/base/str.h"

static __attribute__((noinline)) int a_function_of_this_test(int n)
{
	__asm__ volatile("");
	return n + 1;
}

static void add_stack(
	struct str *out, enum symbols_mode mode, pid_t pid, const uint64_t *frames, uint32_t count)
{
	struct symbols_stack stack = {
		.mode = mode,
		.count = count,
		.process = (uint64_t)pid,
		.time = UINT64_MAX,
	};

	str_append_bytes(out, &stack, sizeof(stack));
	str_append_bytes(out, frames, count * sizeof(*frames));
}

/* Skips the test for who may not follow what processes map. */
static struct helper_process start(bool kernel, bool processes)
{
	struct helper_process helper = {};
	const struct symbols_needs needs = {
		.kernel = kernel, .processes = processes, .demangle = true, .fetcher_fd = -1};
	struct error *error = symbols_start(&needs, &helper);
	bool is_forbidden = error && error->number == EPERM && geteuid() != 0;

	if (is_forbidden) {
		error_free(error);
		skip();
	}
	assert_success(error);
	return helper;
}

static bool ask(const struct helper_process *helper, struct str *stacks, struct str *texts)
{
	struct symbols_request request = {.stacks = *stacks};
	bool is_answered = symbols_finish(helper, &request);

	*stacks = request.stacks;
	*texts = request.texts;
	return is_answered;
}

static void frames_of_a_process(void **state)
{
	(void)state;
	struct helper_process helper = start(false, true);
	_cleanup_str_ struct str stacks = STR_INIT, texts = STR_INIT;
	uint64_t address = (uint64_t)(uintptr_t)a_function_of_this_test;
	const uint64_t frames[] = {address + 2, 0x1000};
	char expected[512];

	for (uint32_t mode = SYMBOLS_BPFTRACE; mode <= SYMBOLS_RAW; mode++)
		add_stack(&stacks, mode, getpid(), frames, 2);
	add_stack(&stacks, SYMBOLS_NAME, getpid(), frames, 1);
	add_stack(&stacks, SYMBOLS_FIELDS, getpid(), frames, 2);
	add_stack(&stacks, SYMBOLS_FIELDS_RAW, getpid(), frames, 2);
	assert_true(ask(&helper, &stacks, &texts));

	const char *text = texts.data;

	assert_string_equal(text, "a_function_of_this_test+2\n0x1000");
	text += strlen(text) + 1;
	snprintf(expected, sizeof(expected), "%lx a_function_of_this_test+2 (", address + 2);
	assert_memory_equal(text, expected, strlen(expected));
	assert_string_equal(strchr(text, '\n'), "\n1000 0x1000 ([unknown])");
	text += strlen(text) + 1;
	snprintf(expected, sizeof(expected), "%lx\n1000", address + 2);
	assert_string_equal(text, expected);
	text += strlen(text) + 1;
	assert_string_equal(text, "a_function_of_this_test");
	text += strlen(text) + 1;
	snprintf(
		expected, sizeof(expected), "a12:%lxn23:a_function_of_this_testo1:2f", address + 2);
	assert_memory_equal(text, expected, strlen(expected));
	assert_string_equal(strstr(text, "test_symbols"), "test_symbolsa4:1000");
	text += strlen(text) + 1;
	snprintf(expected, sizeof(expected), "a12:%lxa4:1000", address + 2);
	assert_string_equal(text, expected);
	text += strlen(text) + 1;
	assert_ptr_equal(text, texts.data + texts.length);
	assert_int_equal(a_function_of_this_test(1), 2);
	helper_stop(&helper);
}

static void frames_of_the_kernel(void **state)
{
	(void)state;
	struct helper_process helper = start(true, false);
	_cleanup_str_ struct str stacks = STR_INIT, texts = STR_INIT;
	unsigned long address = 0;
	char line[256];
	FILE *file = fopen("/proc/kallsyms", "re");
	uint64_t frames[2] = {0, 1};

	while (fgets(line, sizeof(line), file)) {
		if (strstr(line, " T schedule\n"))
			sscanf(line, "%lx", &address);
	}
	fclose(file);
	if (!address)
		skip();
	frames[0] = address + 7;
	add_stack(&stacks, SYMBOLS_BPFTRACE, 0, frames, 2);
	add_stack(&stacks, SYMBOLS_NAME, 0, frames, 1);
	add_stack(&stacks, SYMBOLS_BPFTRACE, 0, frames, 0);
	assert_true(ask(&helper, &stacks, &texts));
	assert_memory_equal(texts.data, "schedule+7\n0x1\0schedule\0\0", 25);
	helper_stop(&helper);
}

enum { COUNT = 5000, DEPTH = 20 };

static void add_many(struct str *stacks)
{
	uint64_t frames[DEPTH];

	for (uint32_t i = 0; i < COUNT; i++) {
		for (uint32_t j = 0; j < DEPTH; j++)
			frames[j] = i;
		add_stack(stacks, SYMBOLS_RAW, getpid(), frames, DEPTH);
	}
}

static void assert_many(const struct str *texts)
{
	const char *text = texts->data;

	for (uint32_t i = 0; i < COUNT; i++) {
		char expected[16];

		snprintf(expected, sizeof(expected), "%x\n", i);
		assert_memory_equal(text, expected, strlen(expected));
		text += strlen(text) + 1;
	}
	assert_ptr_equal(text, texts->data + texts->length);
}

/* More than one message in both directions. */
static void many_stacks(void **state)
{
	(void)state;
	struct helper_process helper = start(false, true);
	_cleanup_str_ struct str stacks = STR_INIT, texts = STR_INIT;

	add_many(&stacks);
	assert_true(ask(&helper, &stacks, &texts));
	assert_many(&texts);
	helper_stop(&helper);
}

/* It answers before anybody waits, and waits when there is no more room for answers. */
static void a_request_that_has_begun(void **state)
{
	(void)state;
	struct helper_process helper = start(false, true);
	struct symbols_request request = {};
	struct pollfd answer = {.fd = helper.fd, .events = POLLIN};

	add_many(&request.stacks);
	symbols_begin(&helper, &request);
	assert_int_equal(poll(&answer, 1, 10000), 1);
	assert_true(request.sent > 0 && request.sent < request.stacks.length);
	usleep(100000);
	assert_true(symbols_finish(&helper, &request));
	assert_many(&request.texts);
	symbols_request_deinit(&request);
	helper_stop(&helper);
}

/* A child that runs this program for a moment and has exited when it is asked about. Without
 * randomisation all are loaded at one address. */
static void a_program_that_has_exited(void **state)
{
	(void)state;
	struct helper_process helper = start(false, true);
	_cleanup_str_ struct str stacks = STR_INIT, texts = STR_INIT;
	char line[64] = {};
	int output[2];
	unsigned long address;
	uint64_t frame;

	assert_int_equal(pipe(output), 0);

	pid_t pid = fork();

	if (pid == 0) {
		dup2(output[1], STDOUT_FILENO);
		execl("/proc/self/exe", "test_symbols", "address", NULL);
		_exit(1);
	}
	close(output[1]);
	assert_true(read(output[0], line, sizeof(line) - 1) > 0);
	assert_int_equal(sscanf(line, "%lx", &address), 1);
	close(output[0]);
	frame = address + 1;
	add_stack(&stacks, SYMBOLS_BPFTRACE, pid, &frame, 1);
	waitpid(pid, NULL, 0);
	assert_true(ask(&helper, &stacks, &texts));
	assert_string_equal(texts.data, "a_function_of_this_test+1");
	helper_stop(&helper);
}

static void a_helper_that_has_ended(void **state)
{
	(void)state;
	struct helper_process helper = start(false, true);
	_cleanup_str_ struct str stacks = STR_INIT, texts = STR_INIT;
	uint64_t frame = 1;

	add_stack(&stacks, SYMBOLS_RAW, 1, &frame, 1);
	kill(helper.pid, SIGKILL);
	assert_false(ask(&helper, &stacks, &texts));
	helper_stop(&helper);
}

/* --- helpers that answer wrongly --- */

/* Answers a request with the bytes and ends. */
static void answer_once(void *context, int fd)
{
	const struct str *answer = context;
	char request[4096];

	if (read(fd, request, sizeof(request)) > 0 && write(fd, answer->data, answer->length) < 0)
		_exit(1);
}

static void assert_refused(const char *answer, size_t size, const char *kept, size_t kept_size)
{
	struct str bytes = {.data = (char *)answer, .length = size};
	_cleanup_str_ struct str stacks = STR_INIT, texts = STR_INIT;
	struct helper_process helper;
	uint64_t frame = 1;

	assert_success(helper_start(answer_once, &bytes, &helper));
	add_stack(&stacks, SYMBOLS_RAW, 1, &frame, 1);
	add_stack(&stacks, SYMBOLS_RAW, 1, &frame, 1);
	assert_false(ask(&helper, &stacks, &texts));
	assert_int_equal(texts.length, kept_size);
	assert_memory_equal(texts.data, kept, kept_size);
	helper_stop(&helper);
}

static void incomplete_texts_are_dropped(void **state)
{
	(void)state;
	assert_refused("whole\0cut", 9, "whole", 6);
	assert_refused("cut", 3, "", 0);
}

static void more_texts_than_wanted_are_refused(void **state)
{
	(void)state;
	assert_refused("1\0002\0003", 6, "", 0);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return printf("%lx\n", (unsigned long)a_function_of_this_test) < 0;

	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_a_process),
		cmocka_unit_test(frames_of_the_kernel),
		cmocka_unit_test(many_stacks),
		cmocka_unit_test(a_request_that_has_begun),
		cmocka_unit_test(a_program_that_has_exited),
		cmocka_unit_test(a_helper_that_has_ended),
		cmocka_unit_test(incomplete_texts_are_dropped),
		cmocka_unit_test(more_texts_than_wanted_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
