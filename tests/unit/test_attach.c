/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>

#include "bpftrace/runner/attach/attach.h"

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

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_error_ struct error *error =
			attach_failed("software:dummy:1", rows[i].number);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_to_do_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
