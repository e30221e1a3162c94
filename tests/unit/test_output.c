/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/show_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "tests/unit/tree.h"

/* Output to a pipe; what has arrived there is what left the program. */
static int open_pipe(struct show_fixture *shown, const char *buffering)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	assert_success(output_open("text", NULL, buffering, &shown->output));
	shown->output->fd = ends[1];
	shown->output->owned = true;
	return ends[0];
}

static void assert_arrived(int fd, const char *text)
{
	char arrived[64] = {};
	ssize_t size = read(fd, arrived, sizeof(arrived) - 1);

	if (size < 0)
		assert_int_equal(errno, EAGAIN);
	assert_string_equal(arrived, text);
}

static void bufferings(void **state _unused_)
{
	static const struct {
		const char *name, *first, *second, *third, *flushed;
	} cases[] = {
		{"none", "a", "b\nc", "d", ""},
		{"line", "", "ab\nc", "", "d"},
		{"full", "", "", "", "ab\ncd"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_fixture_ struct show_fixture shown = fixture_open();
		_cleanup_close_ int fd = open_pipe(&shown, cases[i].name);

		output_write(shown.output, "a", 1);
		assert_arrived(fd, cases[i].first);
		output_write(shown.output, "b\nc", 3);
		assert_arrived(fd, cases[i].second);
		output_write(shown.output, "d", 1);
		assert_arrived(fd, cases[i].third);
		output_flush(shown.output);
		assert_arrived(fd, cases[i].flushed);
	}
}

/* What is not a terminal is buffered in full, and large amounts leave on their own. */
static void buffered_by_default(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	_cleanup_free_ char *much = calloc(1, 1 << 16);

	fixture_output(&shown, "text");
	output_write(shown.output, "line\n", 5);
	assert_int_equal(lseek(shown.output->fd, 0, SEEK_END), 0);
	output_write(shown.output, much, 1 << 16);
	assert_int_equal(lseek(shown.output->fd, 0, SEEK_END), (1 << 16) + 5);
}

static void unknown_words(void **state _unused_)
{
	struct output *out = NULL;
	_cleanup_str_ struct str unknown = STR_INIT;

	str_append(&unknown, "unknown output format 'xml': -f takes ");
	output_formats(&unknown);
	assert_failure(output_open("xml", NULL, NULL, &out), str_text(&unknown));
	assert_failure(output_open(NULL, NULL, "half", &out),
		"unknown buffering mode 'half': -B takes line, full or none");
	assert_null(out);
}

static void assert_text_of_file(const char *path, const char *expected)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[16] = {};

	assert_true(read(fd, text, sizeof(text) - 1) >= 0);
	assert_string_equal(text, expected);
}

static void files(void **state _unused_)
{
	_cleanup_tree_ struct tree tree = tree_make();
	char path[256], absent[300];
	struct output *out = NULL;

	snprintf(path, sizeof(path), "%s/out", tree.path);
	tree_write_text(&tree, "/out", "old and longer");
	assert_failure(output_open("text", path, "half", &out),
		"unknown buffering mode 'half': -B takes line, full or none");
	assert_success(output_open("json", path, NULL, &out));
	assert_ptr_equal(out->ops, &output_json);
	assert_text_of_file(path, "old and longer");
	assert_success(output_empty(out));
	output_write(out, "new", 3);
	output_close(out);

	assert_text_of_file(path, "new");
	snprintf(absent, sizeof(absent), "%s/no/such", tree.path);

	_cleanup_error_ struct error *error = output_open(NULL, absent, NULL, &out);

	assert_non_null(error);
	assert_int_equal(error->number, ENOENT);
}

/* A pipe that another process has put into non-blocking mode is waited for. */
static void non_blocking_output(void **state _unused_)
{
	enum { SIZE = 1 << 20 };
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	int fd = open_pipe(&shown, "full");
	_cleanup_free_ char *much = malloc(SIZE);
	pid_t child;

	memset(much, 'x', SIZE);
	assert_int_equal(fcntl(shown.output->fd, F_SETFL, O_NONBLOCK), 0);
	child = fork();
	if (child == 0) {
		size_t got = 0;
		char buffer[4096];

		close(shown.output->fd);
		fcntl(fd, F_SETFL, 0);
		for (ssize_t size; (size = read(fd, buffer, sizeof(buffer))) > 0;)
			got += (size_t)size;
		_exit(got == SIZE ? 0 : 1);
	}
	close(fd);
	output_write(shown.output, much, SIZE);
	output_close(TAKE(shown.output));

	int status = -1;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* Standard output stays as it is for others who have it. */
static void description_of_its_own(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	_cleanup_close_ int saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[1]);
	struct error *error = output_open(NULL, NULL, NULL, &shown.output);
	int others = fcntl(STDOUT_FILENO, F_GETFL);

	dup2(saved, STDOUT_FILENO);
	assert_success(error);
	assert_int_equal(others & O_NONBLOCK, 0);
	assert_int_not_equal(shown.output->fd, STDOUT_FILENO);
	assert_true(fcntl(shown.output->fd, F_GETFL) & O_NONBLOCK);
	output_write(shown.output, "x", 1);
	output_flush(shown.output);
	assert_arrived(ends[0], "x");
	close(ends[0]);
}

static void failed_for_good(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();

	assert_success(output_open(NULL, "/dev/full", NULL, &shown.output));
	output_write(shown.output, "x", 1);
	assert_int_equal(shown.output->failed, 0);
	assert_false(show_finish(shown.output));
	assert_int_equal(shown.output->failed, ENOSPC);
	output_write(shown.output, "x", 1);
	assert_int_equal(shown.output->pending.length, 0);
}

static void lost_records(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct state kernel = {};

	fixture_output(&shown, "json");
	show_lost(shown.output, &shown.traced);
	shown.traced.state = &kernel;
	show_lost(shown.output, &shown.traced);
	kernel.lost = 3;
	kernel.lost_control = 1;
	show_lost(shown.output, &shown.traced);
	show_lost(shown.output, &shown.traced);
	kernel.lost = 10;
	show_lost(shown.output, &shown.traced);
	assert_written(&shown, "{\"type\": \"lost_events\", \"data\": {\"events\": 4}}\n"
			       "{\"type\": \"lost_events\", \"data\": {\"events\": 7}}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bufferings),
		cmocka_unit_test(buffered_by_default),
		cmocka_unit_test(unknown_words),
		cmocka_unit_test(files),
		cmocka_unit_test(non_blocking_output),
		cmocka_unit_test(description_of_its_own),
		cmocka_unit_test(failed_for_good),
		cmocka_unit_test(lost_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
