/* SPDX-License-Identifier: Apache-2.0 */
/* Directories of an ordinary file system stand in for hierarchies: their inode numbers are the ids.
 */
#include "tests/unit/unit.h"

#include <sys/stat.h>

#include "libcommon/base/alloc.h"
#include "libcommon/host/cgroup.h"
#include "tests/unit/tree.h"

static const char mounts[] = "proc /proc proc rw 0 0\n"
			     "cgroup /groups/pids cgroup rw,pids 0 0\n"
			     "cgroup /groups/cpu\\040time cgroup rw 0 0\n"
			     "cgroup2 /groups/all cgroup2 rw 0 0\n"
			     "cgroup /groups/gone cgroup rw 0 0\n"
			     "cgroup2 /groups/all cgroup2 rw 0 0\n"
			     "cgroup /groups/pids/ cgroup rw,pids 0 0\n"
			     "broken\n";

struct fixture {
	struct tree tree;
	struct host host;
	struct cgroup_tree *cgroups;
};

static int setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof(*fixture));

	fixture->tree = tree_make();
	tree_write_text(&fixture->tree, "/proc/self/mounts", mounts);
	tree_directory(&fixture->tree, "/groups/pids/a/b");
	tree_directory(&fixture->tree, "/groups/cpu time");
	tree_directory(&fixture->tree, "/groups/all/service");
	tree_write_text(&fixture->tree, "/groups/all/cgroup.procs", "");
	assert_success(host_open_root(fixture->tree.path, &fixture->host));
	assert_success(cgroup_tree_open(&fixture->host, &fixture->cgroups));
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	cgroup_tree_free(fixture->cgroups);
	host_deinit(&fixture->host);
	tree_remove(&fixture->tree);
	free(fixture);
	return 0;
}

static void assert_paths(
	struct fixture *fixture, uint64_t id, const char *wildcard, const char *paths)
{
	_cleanup_str_ struct str out = STR_INIT;

	cgroup_tree_paths(fixture->cgroups, id, wildcard, &out);
	assert_string_equal(str_text(&out), paths);
}

static uint64_t id_of(struct fixture *fixture, const char *path)
{
	uint64_t id = 0;

	assert_success(cgroup_id(&fixture->host, path, &id));
	return id;
}

static void an_id_leads_to_its_path(void **state)
{
	struct fixture *fixture = *state;

	assert_paths(fixture, id_of(fixture, "/groups/pids/a/b"), "", "pids:/a/b");
	assert_paths(fixture, id_of(fixture, "/groups/pids"), "", "pids:/");
	assert_paths(fixture, id_of(fixture, "/groups/all/service"), "", "unified:/service");
	assert_paths(fixture, id_of(fixture, "/groups/cpu time"), "", "cpu time:/");
	assert_paths(fixture, id_of(fixture, "/groups"), "", "");
}

static void a_wildcard_chooses_hierarchies(void **state)
{
	struct fixture *fixture = *state;
	uint64_t id = id_of(fixture, "/groups/pids/a");

	assert_paths(fixture, id, "pids", "pids:/a");
	assert_paths(fixture, id, "p*", "pids:/a");
	assert_paths(fixture, id, "unified", "");
}

/* A group that is made while there is somebody who asks, and one that is gone again. */
static void groups_come_and_go(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_str_ struct str path = STR_INIT;
	uint64_t id;

	tree_directory(&fixture->tree, "/groups/all/late");
	id = id_of(fixture, "/groups/all/late");
	assert_paths(fixture, id, "", "unified:/late");
	str_printf(&path, "%s/groups/all/late", fixture->tree.path);
	assert_int_equal(rmdir(str_text(&path)), 0);
	assert_paths(fixture, id, "", "unified:/late");
}

static void what_is_no_group_has_no_id(void **state)
{
	struct fixture *fixture = *state;
	uint64_t id = 7;

	assert_failure(cgroup_id(&fixture->host, "/groups/none", &id),
		"/groups/none: No such file or directory");
	assert_failure(cgroup_id(&fixture->host, "/proc/self/mounts", &id),
		"/proc/self/mounts: Not a directory");
	assert_int_equal(id, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_id_leads_to_its_path, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wildcard_chooses_hierarchies, setup, teardown),
		cmocka_unit_test_setup_teardown(groups_come_and_go, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_group_has_no_id, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
