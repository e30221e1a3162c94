/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/stat.h>

#include "libcommon/host/pidns.h"
#include "tests/unit/tree_host.h"

static void the_running_system(void **state _unused_)
{
	_cleanup_host_ struct host host = HOST_INIT;
	struct stat status;

	assert_success(host_open_root("/", &host));
	assert_int_equal(stat("/proc/self/ns/pid", &status), 0);
	assert_int_equal(pidns_is_initial(&host), status.st_ino == 0xEFFFFFFC);
	assert_true(pidns_is_shown(&host));
	assert_int_equal(pidns_shown(&host, getpid()), getpid());
	assert_int_equal(pidns_number(&host, "/proc/self"), getpid());
}

/* A /proc that does not show namespaces is taken for one that shows our numbers. */
static void without_namespaces(void **state)
{
	struct tree_host *fixture = *state;

	assert_true(pidns_is_initial(&fixture->host));
	assert_true(pidns_is_shown(&fixture->host));
	tree_write_text(&fixture->tree, "/proc/self/status", "Name:\tx\nPid:\t70\nPPid:\t1\n");
	tree_write_text(&fixture->tree, "/proc/71/status", "Name:\tx\nPid:\t71\nPPid:\t1\n");
	assert_true(pidns_is_shown(&fixture->host));
	assert_int_equal(pidns_number(&fixture->host, "/proc/71"), 71);
	assert_int_equal(pidns_number(&fixture->host, "/proc/72"), 0);
}

/* Two namespaces below that of /proc; what is not below ours has no number of ours. */
static void proc_of_a_namespace_above(void **state)
{
	struct tree_host *fixture = *state;

	tree_write_text(&fixture->tree, "/proc/self/status", "Pid:\t70\nNSpid:\t70\t7\t1\n");
	tree_write_text(&fixture->tree, "/proc/80/task/81/status",
		"Name:\tx\nPid:\t81\nNSpid:\t81\t18\t12\t3\nNSpgid:\t5\n");
	tree_write_text(&fixture->tree, "/proc/90/status", "Name:\tx\nPid:\t90\nNSpid:\t90\t19\n");
	assert_false(pidns_is_shown(&fixture->host));
	assert_int_equal(pidns_number(&fixture->host, "/proc/80/task/81"), 12);
	assert_int_equal(pidns_number(&fixture->host, "/proc/90"), 0);
	assert_int_equal(pidns_number(&fixture->host, "/proc/91"), 0);
}

/* A kernel's types with the structs that are asked for; what is between their members, in bits. */
static struct error *layout_of(struct tree_host *fixture, uint32_t nr_at, struct pidns_layout *ret)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	uint32_t size;

	btf__add_struct(btf, "upid", 16);
	btf__add_field(btf, "nr", number, nr_at, 0);
	btf__add_field(btf, "ns", number, 64, 0);
	btf__add_struct(btf, "pid", 96);
	btf__add_field(btf, "level", number, 32, 0);
	btf__add_field(btf, "numbers", number, 512, 0);
	btf__add_struct(btf, "task_struct", 4096);
	btf__add_field(btf, "group_leader", number, 8 * 1000, 0);
	btf__add_field(btf, "thread_pid", number, 8 * 2000, 0);

	const void *data = btf__raw_data(btf, &size);

	tree_write(&fixture->tree, "/sys/kernel/btf/vmlinux", data, size);
	btf__free(btf);

	struct kbtf *kbtf = kbtf_new(&fixture->host, NULL);
	struct error *error = pidns_layout(kbtf, ret);

	kbtf_free(kbtf);
	return error;
}

static void layouts(void **state)
{
	struct pidns_layout layout = {};

	assert_success(layout_of(*state, 0, &layout));
	assert_int_equal(layout.task_leader, 1000);
	assert_int_equal(layout.task_pid, 2000);
	assert_int_equal(layout.pid_level, 4);
	assert_int_equal(layout.pid_numbers, 64);
	assert_failure(
		layout_of(*state, 32, &layout), "struct upid of this kernel is not as expected");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_running_system),
		cmocka_unit_test_setup_teardown(
			without_namespaces, tree_host_setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			proc_of_a_namespace_above, tree_host_setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(layouts, tree_host_setup, tree_host_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
