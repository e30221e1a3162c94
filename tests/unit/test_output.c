/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/show_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "tests/unit/tree.h"

/* Output to a pipe; what has arrived there is what left the program. */
static int open_pipe(struct session *session, const char *buffering)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	assert_success(output_open("text", NULL, buffering, &session->output));
	session->output->fd = ends[1];
	session->output->owned = true;
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
		_cleanup_session_ struct session session = fixture_session();
		_cleanup_close_ int fd = open_pipe(&session, cases[i].name);

		output_write(session.output, "a", 1);
		assert_arrived(fd, cases[i].first);
		output_write(session.output, "b\nc", 3);
		assert_arrived(fd, cases[i].second);
		output_write(session.output, "d", 1);
		assert_arrived(fd, cases[i].third);
		output_flush(session.output);
		assert_arrived(fd, cases[i].flushed);
	}
}

/* What is not a terminal is buffered in full, and large amounts leave on their own. */
static void buffered_by_default(void **state _unused_)
{
	_cleanup_session_ struct session session = fixture_session();
	_cleanup_free_ char *much = calloc(1, 1 << 16);

	fixture_output(&session, "text");
	output_write(session.output, "line\n", 5);
	assert_int_equal(lseek(session.output->fd, 0, SEEK_END), 0);
	output_write(session.output, much, 1 << 16);
	assert_int_equal(lseek(session.output->fd, 0, SEEK_END), (1 << 16) + 5);
}

static void unknown_words(void **state _unused_)
{
	struct output *out = NULL;

	assert_failure(output_open("xml", NULL, NULL, &out),
		"there is no output format 'xml', only 'text' and 'json'");
	assert_failure(output_open(NULL, NULL, "half", &out),
		"there is no buffering 'half', only 'line', 'full' and 'none'");
	assert_null(out);
}

static void files(void **state _unused_)
{
	_cleanup_tree_ struct tree tree = tree_make();
	char path[256], absent[300], text[16] = {};
	struct output *out = NULL;

	snprintf(path, sizeof(path), "%s/out", tree.path);
	tree_write_text(&tree, "/out", "old and longer");
	assert_failure(output_open("text", path, "half", &out),
		"there is no buffering 'half', only 'line', 'full' and 'none'");
	assert_success(output_open("json", path, NULL, &out));
	assert_ptr_equal(out->ops, &output_json);
	output_write(out, "new", 3);
	output_close(out);

	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_int_equal(read(fd, text, sizeof(text)), 3);
	assert_string_equal(text, "new");
	snprintf(absent, sizeof(absent), "%s/no/such", tree.path);

	_cleanup_error_ struct error *error = output_open(NULL, absent, NULL, &out);

	assert_non_null(error);
	assert_int_equal(error->number, ENOENT);
}

/* A pipe that another process has put into non-blocking mode is waited for. */
static void non_blocking_output(void **state _unused_)
{
	enum { SIZE = 1 << 20 };
	_cleanup_session_ struct session session = fixture_session();
	int fd = open_pipe(&session, "full");
	_cleanup_free_ char *much = malloc(SIZE);
	pid_t child;

	memset(much, 'x', SIZE);
	assert_int_equal(fcntl(session.output->fd, F_SETFL, O_NONBLOCK), 0);
	child = fork();
	if (child == 0) {
		size_t got = 0;
		char buffer[4096];

		close(session.output->fd);
		fcntl(fd, F_SETFL, 0);
		for (ssize_t size; (size = read(fd, buffer, sizeof(buffer))) > 0;)
			got += (size_t)size;
		_exit(got == SIZE ? 0 : 1);
	}
	close(fd);
	output_write(session.output, much, SIZE);
	output_close(TAKE(session.output));

	int status = -1;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* Standard output stays as it is for others who have it. */
static void description_of_its_own(void **state _unused_)
{
	_cleanup_session_ struct session session = fixture_session();
	_cleanup_close_ int saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[1]);
	struct error *error = output_open(NULL, NULL, NULL, &session.output);
	int others = fcntl(STDOUT_FILENO, F_GETFL);

	dup2(saved, STDOUT_FILENO);
	assert_success(error);
	assert_int_equal(others & O_NONBLOCK, 0);
	assert_int_not_equal(session.output->fd, STDOUT_FILENO);
	assert_true(fcntl(session.output->fd, F_GETFL) & O_NONBLOCK);
	output_write(session.output, "x", 1);
	output_flush(session.output);
	assert_arrived(ends[0], "x");
	close(ends[0]);
}

static bool wait_in_vain(struct run *run)
{
	int *times = (int *)run;

	return ++*times < 3;
}

/* What nobody reads until waiting is given up is dropped, and the script has failed. */
static void never_read(void **state _unused_)
{
	enum { SIZE = 1 << 20 };
	_cleanup_session_ struct session session = fixture_session();
	_cleanup_close_ int fd = open_pipe(&session, "full");
	_cleanup_free_ char *much = calloc(1, SIZE);
	int times = 0;

	assert_int_equal(fcntl(session.output->fd, F_SETFL, O_NONBLOCK), 0);
	session.output->wait = wait_in_vain;
	session.output->run = (struct run *)&times;
	output_write(session.output, much, SIZE);
	assert_int_equal(times, 3);
	assert_int_equal(session.output->failed, ECANCELED);
	show_finish(&session);
	assert_int_equal(session.exit_status, 1);
}

static void failed_for_good(void **state _unused_)
{
	_cleanup_session_ struct session session = fixture_session();

	assert_success(output_open(NULL, "/dev/full", NULL, &session.output));
	output_write(session.output, "x", 1);
	assert_int_equal(session.output->failed, 0);
	show_finish(&session);
	assert_int_equal(session.output->failed, ENOSPC);
	assert_int_equal(session.exit_status, 1);
	output_write(session.output, "x", 1);
	assert_int_equal(session.output->pending.length, 0);
}

static void lost_records(void **state _unused_)
{
	_cleanup_session_ struct session session = fixture_session();
	struct state kernel = {};

	fixture_output(&session, "json");
	show_lost(&session);
	session.state = &kernel;
	show_lost(&session);
	kernel.lost = 3;
	kernel.lost_control = 1;
	show_lost(&session);
	show_lost(&session);
	kernel.lost = 10;
	show_lost(&session);
	assert_written(&session, "{\"type\": \"lost_events\", \"data\": {\"events\": 4}}\n"
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
		cmocka_unit_test(never_read),
		cmocka_unit_test(failed_for_good),
		cmocka_unit_test(lost_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
