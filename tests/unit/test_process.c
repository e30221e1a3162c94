/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <limits.h>

#include "libcommon/host/process.h"
#include "tests/unit/tree.h"

#define CODE(inode, path) "1000-2000 r-xp 00000000 08:01 " inode "    " path "\n"

struct fixture {
	struct tree tree;
	struct host host;
	struct arena arena;
	struct processes found;
};

/* Where a process sees files from: its mount namespace, and its root as a path below ours. */
static void place(const struct tree *tree, const char *process, const char *space, const char *root)
{
	_cleanup_str_ struct str path = STR_INIT;

	str_printf(&path, "/proc/%s/ns/mnt", process);
	tree_link(tree, path.data, space);
	str_truncate(&path, 0);
	str_printf(&path, "/proc/%s/root", process);
	tree_link(tree, path.data, root);
}

static void map(const struct tree *tree, const char *process, const char *text)
{
	_cleanup_str_ struct str path = STR_INIT;

	str_printf(&path, "/proc/%s/maps", process);
	tree_write_text(tree, path.data, text);
}

static int setup(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){.tree = tree_make()};
	assert_success(host_open_root(fixture.tree.path, &fixture.host));
	place(&fixture.tree, "self", "mnt:[1]", "/");
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	processes_deinit(&fixture->found);
	arena_deinit(&fixture->arena);
	host_deinit(&fixture->host);
	tree_remove(&fixture->tree);
	return 0;
}

static void read_processes(struct fixture *fixture, int32_t pid)
{
	assert_success(processes_read(&fixture->host, pid, &fixture->arena, &fixture->found));
}

static void assert_file(
	const struct fixture *fixture, size_t index, const char *path, uint32_t root)
{
	assert_true(index < fixture->found.files.count);
	assert_string_equal(fixture->found.files.items[index].path, path);
	assert_int_equal(fixture->found.files.items[index].root, root);
}

static void files_of_one_process(void **state)
{
	struct fixture *fixture = *state;

	place(&fixture->tree, "10", "mnt:[1]", "/");
	map(&fixture->tree, "10",
		"1000-2000 r--p 00000000 08:01 7    /bin/tool\n" CODE("7", "/bin/tool")
			CODE("8", "/lib/two words.so") CODE("7", "/bin/tool"));
	place(&fixture->tree, "11", "mnt:[1]", "/");
	map(&fixture->tree, "11", CODE("9", "/bin/other"));
	read_processes(fixture, 10);
	assert_int_equal(fixture->found.files.count, 2);
	assert_file(fixture, 0, "/bin/tool", 0);
	assert_file(fixture, 1, "/lib/two words.so", 0);
	assert_int_equal(fixture->found.roots.count, 0);
}

static void what_is_no_file_to_probe(void **state)
{
	struct fixture *fixture = *state;

	place(&fixture->tree, "10", "mnt:[1]", "/");
	map(&fixture->tree, "10",
		CODE("1", "/bin/old (deleted)") "1000-2000 rw-p 00000000 08:01 2    "
						"/bin/data\n" CODE(
							"0", "[vdso]") "1000-2000 r-xp 00000000 "
								       "00:00 0\n" CODE("3",
									       "/bin/(deleted)"));
	read_processes(fixture, 10);
	assert_int_equal(fixture->found.files.count, 1);
	assert_file(fixture, 0, "/bin/(deleted)", 0);
}

/* What a process has mapped at a range of addresses, wherever its path leads by now. */
static void mapped(const struct tree *tree, const char *process, const char *link, const char *file)
{
	_cleanup_str_ struct str path = STR_INIT;

	str_printf(&path, "/proc/%s/%s", process, link);
	tree_link(tree, path.data, file);
}

static void assert_link(
	const struct fixture *fixture, size_t index, const char *path, const char *link)
{
	assert_file(fixture, index, path, 0);
	assert_non_null(fixture->found.files.items[index].link);
	assert_string_equal(fixture->found.files.items[index].link, link);
}

/* The kernel says what is mapped, so files that were deleted, or replaced, are found. */
static void files_that_are_gone(void **state)
{
	struct fixture *fixture = *state;
	const struct processes *found = &fixture->found;

	tree_write_text(&fixture->tree, "/lost/tool", "deleted");
	tree_write_text(&fixture->tree, "/lost/lib.so", "replaced");
	tree_write_text(&fixture->tree, "/lib/lib.so", "new");
	tree_write_text(&fixture->tree, "/lib/same.so", "same");
	place(&fixture->tree, "10", "mnt:[1]", "/");
	mapped(&fixture->tree, "10", "exe", "/lost/tool");
	mapped(&fixture->tree, "10", "map_files/1-2", "/lost/tool");
	mapped(&fixture->tree, "10", "map_files/3-4", "/lost/lib.so");
	mapped(&fixture->tree, "10", "map_files/5-6", "/lib/same.so");
	mapped(&fixture->tree, "10", "map_files/7-8", "/lib");
	map(&fixture->tree, "10",
		"1-2 r-xp 0 08:01 1    /bin/tool (deleted)\n3-4 r-xp 0 08:01 2    "
		"/lib/lib.so\n5-6 r-xp 0 08:01 3    /lib/same.so\n7-8 r-xp 0 08:01 4    "
		"/dev/device\n");
	read_processes(fixture, 10);
	assert_int_equal(found->files.count, 3);
	assert_link(fixture, 0, "/bin/tool", "/proc/10/exe");
	assert_true(found->files.items[0].is_program);
	assert_link(fixture, 1, "/lib/lib.so", "/proc/10/map_files/3-4");
	assert_false(found->files.items[1].is_program);
	assert_file(fixture, 2, "/lib/same.so", 0);
	assert_null(found->files.items[2].link);
}

/* Where it does not, the program is found, and a library is not. */
static void files_that_are_gone_unseen(void **state)
{
	struct fixture *fixture = *state;

	place(&fixture->tree, "10", "mnt:[1]", "/");
	mapped(&fixture->tree, "10", "exe", "/bin/tool (deleted)");
	map(&fixture->tree, "10",
		"1-2 r-xp 0 08:01 1    /bin/tool (deleted)\n3-4 r-xp 0 08:01 2    /lib/old.so "
		"(deleted)\n5-6 r-xp 0 08:01 3    /lib/same.so\n");
	read_processes(fixture, 10);
	assert_int_equal(fixture->found.files.count, 2);
	assert_link(fixture, 0, "/bin/tool", "/proc/10/exe");
	assert_true(fixture->found.files.items[0].is_program);
	assert_file(fixture, 1, "/lib/same.so", 0);
}

/* Below a root within our mount namespace maps has paths as we see them, or as the process does. */
static void paths_of_a_root(void **state)
{
	struct fixture *fixture = *state;

	tree_write_text(&fixture->tree, "/jail/bin/tool", "jailed");
	tree_write_text(&fixture->tree, "/jail/lib/lib.so", "library");
	place(&fixture->tree, "10", "mnt:[1]", "/jail");
	mapped(&fixture->tree, "10", "map_files/1-2", "/jail/bin/tool");
	mapped(&fixture->tree, "10", "map_files/3-4", "/jail/lib/lib.so");
	map(&fixture->tree, "10",
		"1-2 r-xp 0 08:01 1    /jail/bin/tool\n3-4 r-xp 0 08:01 2    /lib/lib.so\n");
	read_processes(fixture, 10);
	assert_int_equal(fixture->found.files.count, 2);
	assert_file(fixture, 0, "/jail/bin/tool", 0);
	assert_null(fixture->found.files.items[0].link);
	assert_file(fixture, 1, "/lib/lib.so", 1);
}

static void lines_that_are_broken(void **state)
{
	struct fixture *fixture = *state;

	place(&fixture->tree, "10", "mnt:[1]", "/");
	map(&fixture->tree, "10",
		"\n\n \n1000-2000\n1000-2000 x\n1000-2000 r-x 0 08:01 1 /bin/short\n"
		"1000-2000 r-xp 0 08:01 /bin/few\n/bin/lonely\n"
		"1000-2000 r-xp 0 08:01 5 /bin/last");
	read_processes(fixture, 10);
	assert_int_equal(fixture->found.files.count, 1);
	assert_file(fixture, 0, "/bin/last", 0);
}

/* Device and inode together make a file; whoever mapped it first gives it its name. */
static void files_of_all_processes(void **state)
{
	struct fixture *fixture = *state;

	place(&fixture->tree, "10", "mnt:[1]", "/");
	map(&fixture->tree, "10", CODE("7", "/bin/tool"));
	place(&fixture->tree, "11", "mnt:[1]", "/");
	map(&fixture->tree, "11",
		CODE("7", "/bin/same") "1000-2000 r-xp 00000000 08:02 7    /mnt/tool\n");
	map(&fixture->tree, "12", "");
	tree_directory(&fixture->tree, "/proc/13");
	read_processes(fixture, 0);
	assert_int_equal(fixture->found.files.count, 2);
	assert_file(fixture, 0, "/bin/tool", 0);
	assert_file(fixture, 1, "/mnt/tool", 0);
}

static void roots_of_containers(void **state)
{
	struct fixture *fixture = *state;
	const struct processes *found = &fixture->found;

	tree_write_text(&fixture->tree, "/jail/etc/name", "jail\n");
	tree_write_text(&fixture->tree, "/cell/etc/name", "cell\n");
	place(&fixture->tree, "10", "mnt:[1]", "/");
	map(&fixture->tree, "10", CODE("1", "/bin/ours"));
	place(&fixture->tree, "11", "mnt:[1]", "/jail");
	map(&fixture->tree, "11", CODE("2", "/bin/jail"));
	place(&fixture->tree, "12", "mnt:[2]", "/cell");
	map(&fixture->tree, "12", CODE("3", "/bin/cell"));
	place(&fixture->tree, "13", "mnt:[1]", "/jail");
	map(&fixture->tree, "13", CODE("4", "/bin/jail too"));
	place(&fixture->tree, "14", "mnt:[2]", "/");
	map(&fixture->tree, "14", CODE("5", "/bin/space"));
	read_processes(fixture, 0);
	assert_int_equal(found->files.count, 5);
	assert_file(fixture, 0, "/bin/ours", 0);
	assert_file(fixture, 1, "/bin/jail", 1);
	assert_file(fixture, 2, "/bin/cell", 2);
	assert_file(fixture, 3, "/bin/jail too", 1);
	assert_file(fixture, 4, "/bin/space", 3);
	assert_int_equal(found->roots.count, 3);
	assert_int_equal(found->roots.items[0].pid, 11);
	assert_int_equal(found->roots.items[1].pid, 12);
	assert_int_equal(found->roots.items[2].pid, 14);

	for (size_t i = 0; i < 2; i++) {
		_cleanup_str_ struct str name = STR_INIT;

		assert_success(host_read_file(&found->roots.items[i].host, "/etc/name", &name));
		assert_string_equal(name.data, i ? "cell\n" : "jail\n");
	}
}

/* The root of a process that we may not look at is taken for ours. */
static void a_root_that_is_hidden(void **state)
{
	struct fixture *fixture = *state;

	map(&fixture->tree, "10", CODE("1", "/bin/tool"));
	tree_link(&fixture->tree, "/proc/10/ns/mnt", "mnt:[2]");
	read_processes(fixture, 10);
	assert_file(fixture, 0, "/bin/tool", 0);
	assert_int_equal(fixture->found.roots.count, 0);
}

static void processes_that_are_gone(void **state)
{
	struct fixture *fixture = *state;
	struct processes found = {};

	assert_failure(processes_read(&fixture->host, 10, &fixture->arena, &found),
		"/proc/10/maps: No such file or directory");
	assert_int_equal(found.files.count, 0);
	read_processes(fixture, 0);
	assert_int_equal(fixture->found.files.count, 0);
}

static void without_proc(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_tree_ struct tree bare = tree_make();
	_cleanup_host_ struct host host = HOST_INIT;
	struct processes found = {};

	assert_success(host_open_root(bare.path, &host));
	assert_failure(processes_read(&host, 0, &fixture->arena, &found),
		"/proc/self/ns/mnt: No such file or directory");
}

static void this_very_process(void **state _unused_)
{
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_processes_ struct processes found = {};
	char program[PATH_MAX] = "";

	assert_success(host_open_root("/", &host));
	assert_true(readlink("/proc/self/exe", program, sizeof(program) - 1) > 0);
	assert_success(processes_read(&host, getpid(), &arena, &found));
	assert_true(found.files.count > 1);
	assert_string_equal(found.files.items[0].path, program);
	assert_int_equal(found.roots.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_of_one_process, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_file_to_probe, setup, teardown),
		cmocka_unit_test_setup_teardown(files_that_are_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(files_that_are_gone_unseen, setup, teardown),
		cmocka_unit_test_setup_teardown(paths_of_a_root, setup, teardown),
		cmocka_unit_test_setup_teardown(lines_that_are_broken, setup, teardown),
		cmocka_unit_test_setup_teardown(files_of_all_processes, setup, teardown),
		cmocka_unit_test_setup_teardown(roots_of_containers, setup, teardown),
		cmocka_unit_test_setup_teardown(a_root_that_is_hidden, setup, teardown),
		cmocka_unit_test_setup_teardown(processes_that_are_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(without_proc, setup, teardown),
		cmocka_unit_test(this_very_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
