/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/probing.h"

#include "tests/unit/tree.h"

struct fixture {
	struct tree tree;
	struct probing probing;
};

/* BTF with two hooks, one of which is an event too. */
static void write_btf(const struct tree *tree)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	uint32_t size;

	btf__add_typedef(btf, "btf_trace_sched_switch", number);
	btf__add_typedef(btf, "btf_trace_hidden", number);

	const void *data = btf__raw_data(btf, &size);

	tree_write(tree, "/sys/kernel/btf/vmlinux", data, size);
	btf__free(btf);
}

static void fixture_open(struct fixture *fixture, bool with_btf)
{
	fixture->tree = tree_make();
	tree_directory(&fixture->tree, "/sys/kernel/tracing/events");
	tree_write_text(&fixture->tree, "/sys/kernel/tracing/available_events",
		"sched:sched_switch\nxfs:xfs_read\nsyscalls:sys_enter_read\n");
	if (with_btf)
		write_btf(&fixture->tree);
	probing_open(&fixture->probing, fixture->tree.path);
}

static void fixture_close(struct fixture *fixture)
{
	probing_close(&fixture->probing);
	tree_remove(&fixture->tree);
}

#define _cleanup_fixture_ _cleanup_(fixture_close)

/* PROBE-25 */
static void by_name(void **state _unused_)
{
	for (int with_btf = 0; with_btf < 2; with_btf++) {
		_cleanup_fixture_ struct fixture fixture;

		fixture_open(&fixture, with_btf);

		const struct probe_match *match = probing_one(&fixture.probing, "rt:sched_switch");

		assert_string_equal(match->name, "rawtracepoint:sched_switch");
		assert_string_equal(match->function, "sched_switch");
		assert_string_equal(match->target, "sched_switch");
		assert_int_equal(match->attach, ATTACH_RAW_TRACEPOINT);
		assert_int_equal(match->context, CONTEXT_RAW);
		assert_null(match->type->arguments);

		/* A module's hook, which the kernel's own BTF does not have. */
		probing_one(&fixture.probing, "rawtracepoint:xfs_read");
	}
}

static void unknown_names(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture;
	struct probing *probing = &fixture.probing;

	fixture_open(&fixture, true);
	assert_failure(probing_match(probing, "rt:nope"), "rawtracepoint not found: nope");
	assert_failure(
		probing_match(probing, "rt:sched_swich"), "rawtracepoint not found: sched_swich");
	assert_string_equal(probing->suggestion.best, "rawtracepoint:sched_switch");
	assert_failure(probing_match(probing, "rt:sys_enter_read"),
		"rawtracepoint not found: sys_enter_read");
	assert_failure(probing_match(probing, "rt:a:b"),
		"'rt:a:b' does not have the form rawtracepoint:NAME");
}

static void wildcards(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture;
	struct probing *probing = &fixture.probing;

	fixture_open(&fixture, true);
	assert_success(probing_match(probing, "rt:*"));
	assert_int_equal(probing->matches.count, 3);
	assert_string_equal(probing->matches.items[0].name, "rawtracepoint:hidden");
	assert_string_equal(probing->matches.items[1].name, "rawtracepoint:sched_switch");
	assert_string_equal(probing->matches.items[2].name, "rawtracepoint:xfs_read");
	assert_success(probing_match(probing, "rt:none*"));
	assert_int_equal(probing->matches.count, 0);
}

static void without_any_source(void **state _unused_)
{
	struct tree tree = tree_make();
	struct probing probing;

	probing_open(&probing, tree.path);
	assert_failure(probing_match(&probing, "rt:sched_switch"),
		"tracefs is not mounted on /sys/kernel/tracing; \"mount -t tracefs "
		"tracefs /sys/kernel/tracing\" does it");
	probing_close(&probing);
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_name),
		cmocka_unit_test(unknown_names),
		cmocka_unit_test(wildcards),
		cmocka_unit_test(without_any_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
