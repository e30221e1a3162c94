/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of this process, and of children that run this program. */
#include "tests/unit/unit.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libcommon/base/alloc.h"
#include "libcommon/symbols/symbolizer.h"
#include "tests/unit/tree.h"

static const struct symbolizer_limits limits = {
	.mappings = 10000,
	.images = {.open_files = 100, .memory = 64 << 20},
};

/* Not inlined, and known to no other file. */
static __attribute__((noinline)) int a_function_of_this_test(int n)
{
	__asm__ volatile("");
	return n + 1;
}

struct fixture {
	struct host host;
	struct symbolizer *symbolizer;
};

static int setup(void **state)
{
	static struct fixture fixture;

	assert_success(host_open_root("/", &fixture.host));
	fixture.symbolizer = symbolizer_new(&fixture.host, &limits);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	symbolizer_free(fixture->symbolizer);
	host_deinit(&fixture->host);
	return 0;
}

static struct user_frame find(
	struct fixture *fixture, pid_t pid, uint64_t time, const void *address)
{
	struct user_frame frame;

	symbolizer_find(fixture->symbolizer, pid, time, (uint64_t)(uintptr_t)address, 0, &frame);
	return frame;
}

/* The symbol, or a text that says that there is none. */
static const char *symbol_at(struct fixture *fixture, pid_t pid, uint64_t time, const void *address)
{
	struct user_frame frame = find(fixture, pid, time, address);

	return frame.symbol ? frame.symbol : "none";
}

static const char *own_code(size_t offset)
{
	return (const char *)(uintptr_t)a_function_of_this_test + offset;
}

static void a_function_of_a_running_program(void **state)
{
	struct fixture *fixture = *state;
	struct user_frame frame = find(fixture, getpid(), 1, own_code(3));
	char path[256] = {};

	assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	assert_string_equal(frame.symbol, "a_function_of_this_test");
	assert_int_equal(frame.offset, 3);
	assert_string_equal(frame.object, path);
	assert_int_equal(a_function_of_this_test(1), 2);
}

static void a_function_of_a_library(void **state)
{
	struct fixture *fixture = *state;
	const void *address = dlsym(RTLD_NEXT, "gnu_get_libc_version");
	struct user_frame frame = find(fixture, getpid(), 1, address);

	assert_string_equal(frame.symbol, "gnu_get_libc_version");
	assert_int_equal(frame.offset, 0);
	assert_non_null(strstr(frame.object, "libc.so"));
}

static void a_function_of_the_vdso(void **state)
{
	struct fixture *fixture = *state;
	uint64_t start = getauxval(AT_SYSINFO_EHDR);
	const char *vdso = (const char *)start;
	bool found = false;

	for (size_t i = 0; i < 4096; i++)
		found |= strstr(symbol_at(fixture, getpid(), 1, vdso + i), "clock_gettime") != NULL;
	assert_true(found);
	assert_string_equal(find(fixture, getpid(), 1, vdso).object, "[vdso]");
}

static void addresses_that_nothing_is_mapped_at(void **state)
{
	struct fixture *fixture = *state;
	struct user_frame frame = find(fixture, getpid(), 1, (const void *)0x1000);

	assert_null(frame.symbol);
	assert_null(frame.object);
	assert_null(find(fixture, 0x3fffffff, 1, own_code(0)).symbol);
}

/* A copy of this program that waits until its input ends: it prints where its function is. */
struct child {
	char path[64];
	pid_t pid;
	int input, output;
	const char *address;
};

static void copy_program(const char *path)
{
	_cleanup_close_ int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	char buffer[65536];
	ssize_t got;

	while ((got = read(from, buffer, sizeof(buffer))) > 0)
		assert_int_equal(write(to, buffer, (size_t)got), got);
}

static struct child start(void)
{
	struct child child = {};
	int input[2], output[2];
	char line[32] = {};

	snprintf(child.path, sizeof(child.path), "/tmp/symbolizer-test-%d", getpid());
	copy_program(child.path);
	assert_int_equal(pipe2(input, O_CLOEXEC), 0);
	assert_int_equal(pipe2(output, O_CLOEXEC), 0);
	child.pid = fork();
	if (child.pid == 0) {
		dup2(input[0], STDIN_FILENO);
		dup2(output[1], STDOUT_FILENO);
		execl(child.path, child.path, "wait", NULL);
		_exit(1);
	}
	close(input[0]);
	close(output[1]);
	child.input = input[1];
	child.output = output[0];
	assert_true(read(child.output, line, sizeof(line) - 1) > 0);
	child.address = NULL;
	child.address += strtoul(line, NULL, 16);
	return child;
}

static void stop(struct child *child)
{
	close(child->input);
	close(child->output);
	waitpid(child->pid, NULL, 0);
}

static int be_child(void)
{
	char byte;

	printf("%lx\n", (unsigned long)a_function_of_this_test);
	fflush(stdout);
	return read(STDIN_FILENO, &byte, 1) == 0 ? 0 : 1;
}

static void a_program_that_was_deleted(void **state)
{
	struct fixture *fixture = *state;
	struct child child = start();

	unlink(child.path);
	assert_string_equal(
		symbol_at(fixture, child.pid, 1, child.address), "a_function_of_this_test");
	assert_string_equal(find(fixture, child.pid, 1, child.address).object, child.path);
	stop(&child);
}

static void a_program_that_has_exited_and_was_deleted(void **state)
{
	struct fixture *fixture = *state;
	struct child child = start();

	symbolizer_read_process(fixture->symbolizer, child.pid, 1);
	stop(&child);
	unlink(child.path);
	assert_string_equal(
		symbol_at(fixture, child.pid, 2, child.address), "a_function_of_this_test");
}

/* Where nothing reports mappings: what is known is read again, and only that. */
static void processes_that_are_forgotten(void **state)
{
	struct fixture *fixture = *state;
	struct child child = start();

	symbolizer_read_process(fixture->symbolizer, child.pid, 1);
	symbolizer_forget_processes(fixture->symbolizer);
	assert_string_equal(
		symbol_at(fixture, child.pid, 2, child.address), "a_function_of_this_test");
	symbolizer_forget_processes(fixture->symbolizer);
	stop(&child);
	unlink(child.path);
	assert_string_equal(symbol_at(fixture, child.pid, 2, child.address), "none");
}

static void a_path_that_leads_to_another_file(void **state)
{
	struct fixture *fixture = *state;
	struct child child = start();
	int fd;

	symbolizer_free(fixture->symbolizer);
	fixture->symbolizer = symbolizer_new(&fixture->host,
		&(struct symbolizer_limits){.mappings = 1000, .images = {.memory = 1 << 20}});
	symbolizer_read_process(fixture->symbolizer, child.pid, 1); /* opens no file */
	stop(&child);
	unlink(child.path);
	fd = open(child.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	assert_int_equal(write(fd, "other", 5), 5);
	close(fd);
	assert_string_equal(symbol_at(fixture, child.pid, 2, child.address), "none");
	unlink(child.path);
}

/* Of two programs the symbols fit into the limit only one at a time. */
static void symbols_are_read_again_when_they_were_dropped(void **state)
{
	struct fixture *fixture = *state;
	const void *library = dlsym(RTLD_NEXT, "gnu_get_libc_version");

	symbolizer_free(fixture->symbolizer);
	fixture->symbolizer =
		symbolizer_new(&fixture->host, &(struct symbolizer_limits){.mappings = 1000,
						       .images = {.open_files = 100, .memory = 1}});
	for (int i = 0; i < 3; i++) {
		assert_string_equal(
			symbol_at(fixture, getpid(), 1, library), "gnu_get_libc_version");
		assert_string_equal(
			symbol_at(fixture, getpid(), 1, own_code(0)), "a_function_of_this_test");
	}
}

static void a_build_id_where_it_is_asked_for(void **state)
{
	struct fixture *fixture = *state;
	const void *address = dlsym(RTLD_NEXT, "gnu_get_libc_version");
	struct user_frame frame;

	symbolizer_find(fixture->symbolizer, getpid(), 1, (uint64_t)(uintptr_t)address,
		FRAME_BUILD_ID, &frame);
	assert_int_equal(frame.build_id.size, 20);
	assert_true(frame.object_offset > 0);
}

/* A library with a function of the name at a line of its source. */
static void *load_library(const struct tree *tree, const char *name, unsigned line)
{
	_cleanup_free_ char *path = xasprintf("%s/%s.so", tree->path, name);
	_cleanup_free_ char *command = xasprintf(
		"cd %s && printf '#line %u\\nint %s(int n) { return n; }\\n' >%s.c && cc -g -fPIC "
		"-shared -nostdlib -o %s.so %s.c",
		tree->path, line, name, name, name, name);
	void *library;

	assert_int_equal(system(command), 0);
	library = dlopen(path, RTLD_NOW);
	assert_non_null(library);
	return library;
}

static void assert_line(struct fixture *fixture, void *library, const char *name, unsigned line)
{
	const void *address = dlsym(library, name);
	struct user_frame frame;

	symbolizer_find(fixture->symbolizer, getpid(), 1, (uint64_t)(uintptr_t)address, FRAME_LINES,
		&frame);
	assert_string_equal(frame.symbol, name);
	assert_int_equal(frame.line_count, 1);
	assert_string_equal(frame.lines->function, name);
	assert_int_equal(frame.lines->number, line);
}

/* Of several files debug information is kept one at a time. */
static void lines_are_read_again_when_they_were_dropped(void **state)
{
	struct fixture *fixture = *state;
	struct tree tree = tree_make();
	void *first = load_library(&tree, "first", 123),
	     *second = load_library(&tree, "second", 456);

	symbolizer_free(fixture->symbolizer);
	fixture->symbolizer = symbolizer_new(
		&fixture->host, &(struct symbolizer_limits){.mappings = 1000,
					.images = {.open_files = 100, .memory = 1, .lines = 0}});
	for (int i = 0; i < 3; i++) {
		assert_line(fixture, first, "first", 123);
		assert_line(fixture, second, "second", 456);
		assert_line(fixture, second, "second", 456);
	}
	assert_int_equal(find(fixture, getpid(), 1, dlsym(first, "first")).line_count, 0);
	dlclose(first);
	dlclose(second);
	tree_remove(&tree);
}

static void code_of_a_run_time_compiler(void **state)
{
	struct fixture *fixture = *state;
	char *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	_cleanup_free_ char *path = xasprintf("/tmp/perf-%d.map", getpid());
	FILE *map = fopen(path, "we");

	assert_non_null(map);
	fprintf(map, "%lx 10 first\n", (unsigned long)code);
	fflush(map);
	assert_string_equal(symbol_at(fixture, getpid(), 1, code + 8), "first");
	assert_string_equal(symbol_at(fixture, getpid(), 1, code + 16), "none");
	fprintf(map, "%lx 10 second\n", (unsigned long)code + 16);
	fclose(map);
	assert_string_equal(symbol_at(fixture, getpid(), 1, code + 16), "second");
	unlink(path);
	munmap(code, 4096);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return be_child();

	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_function_of_a_running_program, setup, teardown),
		cmocka_unit_test_setup_teardown(a_function_of_a_library, setup, teardown),
		cmocka_unit_test_setup_teardown(a_function_of_the_vdso, setup, teardown),
		cmocka_unit_test_setup_teardown(
			addresses_that_nothing_is_mapped_at, setup, teardown),
		cmocka_unit_test_setup_teardown(a_program_that_was_deleted, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_program_that_has_exited_and_was_deleted, setup, teardown),
		cmocka_unit_test_setup_teardown(a_path_that_leads_to_another_file, setup, teardown),
		cmocka_unit_test_setup_teardown(processes_that_are_forgotten, setup, teardown),
		cmocka_unit_test_setup_teardown(
			symbols_are_read_again_when_they_were_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(a_build_id_where_it_is_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(
			lines_are_read_again_when_they_were_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(code_of_a_run_time_compiler, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
