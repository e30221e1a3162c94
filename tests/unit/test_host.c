/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tests of a root other than "/" run twice: as they are, and once more after openat2(2) was
 * taken away from this process, so that both ways of staying inside of the root are seen.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "libcommon/base/alloc.h"
#include "libcommon/host/host.h"
#include "tests/unit/tree.h"

struct fixture {
	struct tree tree;
	struct host host;
};

static int setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof(*fixture));

	fixture->tree = tree_make();
	assert_success(host_open_root(fixture->tree.path, &fixture->host));
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	host_deinit(&fixture->host);
	tree_remove(&fixture->tree);
	free(fixture);
	return 0;
}

static void assert_file(const struct host *host, const char *path, const char *text)
{
	_cleanup_str_ struct str content = STR_INIT;

	assert_success(host_read_file(host, path, &content));
	assert_string_equal(str_text(&content), text);
}

static void assert_no_file(const struct host *host, const char *path, int number)
{
	_cleanup_str_ struct str content = STR_INIT;
	_cleanup_error_ struct error *error = NULL;

	str_append(&content, "before");
	error = host_read_file(host, path, &content);
	if (!error)
		fail_msg("%s was read: %s", path, content.data);
	if (error->number != number)
		fail_msg("%s", error->message);
	assert_int_equal(strncmp(error->message, path, strlen(path)), 0);
	assert_string_equal(content.data, "before");
}

static void files_are_found_below_the_root(void **state)
{
	struct fixture *fixture = *state;
	struct host *host = &fixture->host;

	tree_write_text(&fixture->tree, "/etc/name", "inside\n");
	tree_write_text(&fixture->tree, "/empty", "");
	assert_false(host_is_live(host));
	assert_file(host, "/etc/name", "inside\n");
	assert_file(host, "//etc/./name", "inside\n");
	assert_file(host, "/empty", "");
	assert_true(host_exists(host, "/etc"));
	assert_true(host_exists(host, "/"));
	assert_false(host_exists(host, "/etc/passwd"));
	assert_false(host_exists(host, "/proc/self"));
	assert_no_file(host, "/etc/none", ENOENT);
	assert_no_file(host, "/none/none", ENOENT);
	assert_no_file(host, "/etc/name/none", ENOTDIR);
	assert_no_file(host, "/etc/name/", ENOTDIR);
	assert_no_file(host, "/etc", EISDIR);
	assert_no_file(host, "etc/name", EINVAL);
	assert_no_file(host, "", EINVAL);
}

static void nothing_leads_out(void **state)
{
	struct fixture *fixture = *state;
	struct host *host = &fixture->host;

	tree_write_text(&fixture->tree, "/etc/name", "inside\n");
	tree_link(&fixture->tree, "/a/absolute", "/etc/name");
	tree_link(&fixture->tree, "/a/up", "../../../../../../etc/name");
	tree_link(&fixture->tree, "/a/directory", "/etc");
	tree_link(&fixture->tree, "/a/chain", "directory/../a/absolute");
	tree_link(&fixture->tree, "/a/outside", "/proc/self/status");
	tree_link(&fixture->tree, "/a/here", ".");
	assert_file(host, "/../../etc/name", "inside\n");
	assert_file(host, "/a/../../etc/name", "inside\n");
	assert_file(host, "/a/absolute", "inside\n");
	assert_file(host, "/a/up", "inside\n");
	assert_file(host, "/a/directory/name", "inside\n");
	assert_file(host, "/a/directory/../a/up", "inside\n");
	assert_file(host, "/a/chain", "inside\n");
	assert_file(host, "/a/here/here/up", "inside\n");
	assert_no_file(host, "/a/outside", ENOENT);
}

static void links_that_lead_nowhere(void **state)
{
	struct fixture *fixture = *state;
	struct host *host = &fixture->host;

	tree_link(&fixture->tree, "/loop", "loop");
	tree_link(&fixture->tree, "/dangling", "none");
	assert_no_file(host, "/loop", ELOOP);
	assert_no_file(host, "/loop/x", ELOOP);
	assert_no_file(host, "/dangling", ENOENT);
	assert_false(host_exists(host, "/dangling"));
}

static void flags_are_obeyed(void **state)
{
	struct fixture *fixture = *state;
	struct host *host = &fixture->host;
	_cleanup_close_ int link = -1, directory = -1;
	struct stat status;
	char target[64] = "";

	tree_write_text(&fixture->tree, "/file", "x");
	tree_link(&fixture->tree, "/link", "file");
	assert_success(host_open(host, "/link", O_PATH | O_NOFOLLOW, &link));
	assert_int_equal(readlinkat(link, "", target, sizeof(target)), 4);
	assert_string_equal(target, "file");
	assert_int_equal(fcntl(link, F_GETFD), FD_CLOEXEC);
	assert_success(host_open(host, "/", O_RDONLY | O_DIRECTORY, &directory));
	assert_int_equal(fstat(directory, &status), 0);
	assert_true(S_ISDIR(status.st_mode));

	int fd = -7;
	_cleanup_error_ struct error *error = host_open(host, "/link", O_RDONLY | O_NOFOLLOW, &fd);

	assert_int_equal(error->number, ELOOP);
	assert_int_equal(fd, -7);
}

static void directories_are_sorted(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	host_names names = {};

	tree_write_text(&fixture->tree, "/d/b", "");
	tree_write_text(&fixture->tree, "/d/a", "");
	tree_write_text(&fixture->tree, "/d/.c", "");
	tree_write_text(&fixture->tree, "/d/sub/x", "");
	tree_directory(&fixture->tree, "/none");
	vec_push(&names, "zz");
	assert_success(host_read_dir(&fixture->host, "/d", &arena, &names));
	assert_success(host_read_dir(&fixture->host, "/none", &arena, &names));
	assert_int_equal(names.count, 5);
	assert_string_equal(names.items[0], "zz");
	assert_string_equal(names.items[1], ".c");
	assert_string_equal(names.items[2], "a");
	assert_string_equal(names.items[3], "b");
	assert_string_equal(names.items[4], "sub");

	_cleanup_error_ struct error *error = host_read_dir(&fixture->host, "/d/a", &arena, &names);

	assert_int_equal(error->number, ENOTDIR);
	assert_int_equal(names.count, 5);
	vec_deinit(&names);
}

static void large_files_are_read_whole(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_str_ struct str read_back = STR_INIT;

	for (int i = 0; text.length < 3000000; i++)
		str_printf(&text, "%d ", i);
	tree_write_text(&fixture->tree, "/large", text.data);
	str_append(&read_back, "> ");
	assert_success(host_read_file(&fixture->host, "/large", &read_back));
	assert_int_equal(read_back.length, text.length + 2);
	assert_string_equal(read_back.data + 2, text.data);
}

static void the_live_root(void **state _unused_)
{
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_str_ struct str status = STR_INIT;

	assert_success(host_open_root("/", &host));
	assert_true(host_is_live(&host));
	assert_success(host_read_file(&host, "/proc/self/status", &status));
	assert_non_null(strstr(status.data, "\nPid:"));
	assert_failure(host_read_file(&host, "/dev/zero", &status), "/dev/zero: No such device");
	assert_success(host_read_file(&host, "/dev/null", &status));
	assert_failure(
		host_open_root("/proc/none", &host), "/proc/none: No such file or directory");
	assert_failure(
		host_open_root("/proc/self/status", &host), "/proc/self/status: Not a directory");
}

static void no_descriptor_is_left(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_close_ int before = dup(0);
	_cleanup_error_ struct error *error = NULL;
	int fd = -1;

	tree_write_text(&fixture->tree, "/a/b/c/d", "");
	tree_link(&fixture->tree, "/a/b/l", "../b/c/d");
	assert_file(&fixture->host, "/a/b/l", "");
	assert_success(host_open(&fixture->host, "/a/b/../b/l", O_RDONLY, &fd));
	close(fd);
	error = host_open(&fixture->host, "/a/b/c/e", O_RDONLY, &fd);
	assert_non_null(error);

	_cleanup_close_ int after = dup(0);

	assert_int_equal(after, before + 1);
}

static int take_openat2_away(void **state _unused_)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {ARRAY_SIZE(filter), filter};

	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
	assert_int_equal(syscall(SYS_openat2, AT_FDCWD, "/", NULL, 0), -1);
	assert_int_equal(errno, ENOSYS);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_are_found_below_the_root, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_leads_out, setup, teardown),
		cmocka_unit_test_setup_teardown(links_that_lead_nowhere, setup, teardown),
		cmocka_unit_test_setup_teardown(flags_are_obeyed, setup, teardown),
		cmocka_unit_test_setup_teardown(directories_are_sorted, setup, teardown),
		cmocka_unit_test_setup_teardown(large_files_are_read_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(no_descriptor_is_left, setup, teardown),
		cmocka_unit_test(the_live_root),
	};
	int failed = cmocka_run_group_tests_name("openat2", tests, NULL, NULL);

	return failed + cmocka_run_group_tests_name("by hand", tests, take_openat2_away, NULL);
}
