/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>

#include "bpftrace/runner/attach/attach.h"
#include "tests/unit/tree.h"

/* A machine of which nothing else is known. */
struct machine {
	struct tree tree;
	struct host host;
	struct attachments attachments;
};

static void machine_start(struct machine *machine)
{
	*machine = (struct machine){.tree = tree_make()};
	assert_success(host_open_root(machine->tree.path, &machine->host));
	machine->attachments.host = &machine->host;
}

static void machine_stop(struct machine *machine)
{
	host_deinit(&machine->host);
	tree_remove(&machine->tree);
}

#define _cleanup_machine_ _cleanup_(machine_stop)

static void what_to_do_is_said(void **state _unused_)
{
	static const struct {
		int number;
		const char *words; /* NULL: nothing helps */
	} rows[] = {
		{EACCES, "CAP_PERFMON"},
		{EPERM, "CAP_PERFMON"},
		{EMFILE, "ulimit -n"},
		{ENODEV, "this machine has no such event"},
		{ENOENT, "bpftrace -l"},
		{EOPNOTSUPP, "does not support the event"},
		{EINVAL, NULL},
	};

	_cleanup_machine_ struct machine machine;

	machine_start(&machine);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_error_ struct error *error = attach_failed(
			&machine.attachments, OBSTACLE_PERF, "software:dummy:1", rows[i].number);
		const char *reason = strerror(rows[i].number);
		const char *begin = "cannot attach software:dummy:1: ";
		const char *end = error->message + strlen(begin) + strlen(reason);

		assert_memory_equal(error->message, begin, strlen(begin));
		assert_non_null(strstr(error->message, reason));
		if (rows[i].words)
			assert_non_null(strstr(end, rows[i].words));
		else
			assert_string_equal(end, "");
	}
}

static void causes_that_are_found_are_named(void **state _unused_)
{
	_cleanup_machine_ struct machine machine;

	machine_start(&machine);
	tree_write_text(&machine.tree, "/sys/kernel/security/lockdown",
		"none integrity [confidentiality]\n");
	assert_failure(attach_failed(&machine.attachments, OBSTACLE_PERF, "profile:hz:99", EPERM),
		"cannot attach profile:hz:99: the kernel is locked down (confidentiality), which "
		"forbids it; boot without lockdown=confidentiality, or without secure boot");
	assert_failure(attach_failed(&machine.attachments, OBSTACLE_PERF, "profile:hz:99", EINVAL),
		"cannot attach profile:hz:99: Invalid argument");
}

static void silence_is_an_error(void **state _unused_)
{
	_cleanup_machine_ struct machine machine;

	machine_start(&machine);
	assert_success(attach_check_silent(&machine.attachments, OBSTACLE_FENTRY, "kfunc:f"));
	tree_write_text(&machine.tree, "/proc/sys/kernel/ftrace_enabled", "0\n");
	assert_failure(attach_check_silent(&machine.attachments, OBSTACLE_KPROBE, "kprobe:f"),
		"kprobe:f would see no events: tracing of functions is turned off; turn it on by "
		"sysctl kernel.ftrace_enabled=1");
	assert_success(
		attach_check_silent(&machine.attachments, OBSTACLE_KPROBE_INSIDE, "kprobe:f+4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_to_do_is_said),
		cmocka_unit_test(causes_that_are_found_are_named),
		cmocka_unit_test(silence_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
