/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <limits.h>
#include <sys/utsname.h>

#include "libcommon/host/procfs.h"
#include "tests/unit/tree_host.h"

static void the_running_system(void **state _unused_)
{
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_str_ struct str program = STR_INIT, release = STR_INIT;
	procfs_cpus cpus = {};
	char expected[PATH_MAX] = "";
	struct utsname uts;
	uint32_t possible = 0;

	assert_success(host_open_root("/", &host));
	assert_success(procfs_check_process(&host, getpid()));
	assert_failure(
		procfs_check_process(&host, INT32_MAX), "process 2147483647: No such process");
	assert_success(procfs_program(&host, getpid(), &program));
	assert_true(readlink("/proc/self/exe", expected, sizeof(expected) - 1) > 0);
	assert_string_equal(program.data, expected);
	assert_int_equal(uname(&uts), 0);
	assert_success(procfs_release(&host, &release));
	assert_string_equal(release.data, uts.release);
	assert_success(procfs_online_cpus(&host, &cpus));
	assert_int_equal(cpus.count, sysconf(_SC_NPROCESSORS_ONLN));
	assert_success(procfs_possible_cpus(&host, &possible));
	assert_true(possible >= cpus.count);
	vec_deinit(&cpus);
}

static void assert_version(const struct tree_host *fixture, unsigned a, unsigned b, unsigned c)
{
	struct kernel_version version;

	assert_success(procfs_version(&fixture->host, &version));
	assert_int_equal(version.numbers[0], a);
	assert_int_equal(version.numbers[1], b);
	assert_int_equal(version.numbers[2], c);
}

static void versions(void **state)
{
	struct tree_host *fixture = *state;
	struct kernel_version version;

	tree_write_text(&fixture->tree, "/proc/sys/kernel/osrelease", "tenth\n");
	assert_failure(procfs_version(&fixture->host, &version), "tenth is no version of a kernel");
	tree_write_text(&fixture->tree, "/proc/sys/kernel/osrelease", "6.18-rc3\n");
	assert_version(fixture, 6, 18, 0);
	tree_write_text(
		&fixture->tree, "/proc/version_signature", "Ubuntu 6.8.0-31.31-generic 6.8.1\n");
	assert_version(fixture, 6, 8, 1);
	tree_write_text(&fixture->tree, "/proc/sys/kernel/version",
		"#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-1 (2026-01-01)\n");
	assert_version(fixture, 6, 1, 192);
}

static void cpu_lists(void **state)
{
	struct tree_host *fixture = *state;
	procfs_cpus cpus = {};
	uint32_t possible = 0;

	tree_write_text(&fixture->tree, "/sys/devices/system/cpu/online", "0-2,5,8-9\n");
	tree_write_text(&fixture->tree, "/sys/devices/system/cpu/possible", "0-127\n");
	assert_success(procfs_online_cpus(&fixture->host, &cpus));
	assert_int_equal(cpus.count, 6);
	assert_int_equal(cpus.items[2], 2);
	assert_int_equal(cpus.items[3], 5);
	assert_int_equal(cpus.items[5], 9);
	vec_deinit(&cpus);
	assert_success(procfs_possible_cpus(&fixture->host, &possible));
	assert_int_equal(possible, 128);
}

static void bad_cpu_lists(void **state)
{
	struct tree_host *fixture = *state;
	static const char *const lists[] = {"", "\n", "x", "0-", "3-1\n", "0,\n", "0 1\n", "-1",
		"0-99999999\n", "0-60000,0-60000\n", "4294967296\n"};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		procfs_cpus cpus = {};
		uint32_t possible = 77;

		tree_write_text(&fixture->tree, "/sys/devices/system/cpu/online", lists[i]);
		tree_write_text(&fixture->tree, "/sys/devices/system/cpu/possible", lists[i]);
		assert_failure(procfs_online_cpus(&fixture->host, &cpus),
			"/sys/devices/system/cpu/online: not a list of CPUs");
		assert_int_equal(cpus.count, 0);
		vec_deinit(&cpus);
		assert_failure(procfs_possible_cpus(&fixture->host, &possible),
			"/sys/devices/system/cpu/possible: not a list of CPUs");
		assert_int_equal(possible, 77);
	}
}

static void another_machine(void **state)
{
	struct tree_host *fixture = *state;
	_cleanup_str_ struct str release = STR_INIT, program = STR_INIT;

	tree_write_text(&fixture->tree, "/proc/sys/kernel/osrelease", "5.10.0-test\n");
	tree_link(&fixture->tree, "/proc/42/exe", "/usr/bin/gone (deleted)");
	str_append(&release, "> ");
	assert_success(procfs_release(&fixture->host, &release));
	assert_string_equal(release.data, "> 5.10.0-test");
	tree_write_text(&fixture->tree, "/proc/42/status", "Name:\tx\nTgid:\t42\nPid:\t42\n");
	tree_write_text(&fixture->tree, "/proc/44/status", "Name:\tx\nTgid:\t42\nPid:\t44\n");
	assert_success(procfs_check_process(&fixture->host, 42));
	assert_failure(procfs_check_process(&fixture->host, 43), "process 43: No such process");
	assert_failure(procfs_check_process(&fixture->host, 44),
		"44 is a thread of process 42; use -p 42");
	assert_success(procfs_program(&fixture->host, 42, &program));
	assert_string_equal(program.data, "/usr/bin/gone");
	assert_failure(procfs_program(&fixture->host, 43, &program),
		"/proc/43/exe: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_running_system),
		cmocka_unit_test_setup_teardown(versions, tree_host_setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(cpu_lists, tree_host_setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(bad_cpu_lists, tree_host_setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			another_machine, tree_host_setup, tree_host_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
