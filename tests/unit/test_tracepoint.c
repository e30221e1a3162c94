/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/probing.h"

#include <errno.h>

#include "libcommon/host/arch.h"
#include "tests/unit/tree.h"

#define EVENTS "/sys/kernel/tracing/events"

static const char switch_format[] = "name: sched_switch\nID: 1\nformat:\n"
				    "\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
				    "\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n";
static const char open_format[] =
	"name: sys_enter_openat\nID: 2\nformat:\n"
	"\tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;\n"
	"\tfield:int dfd;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:const char * filename;\toffset:24;\tsize:8;\tsigned:0;\n";
static const char raw_format[] =
	"name: sys_enter\nID: 3\nformat:\n"
	"\tfield:long id;\toffset:8;\tsize:8;\tsigned:1;\n"
	"\tfield:unsigned long args[6];\toffset:16;\tsize:48;\tsigned:0;\n";

struct fixture {
	struct tree tree;
	struct probing probing;
};

static void fixture_open(struct fixture *fixture)
{
	fixture->tree = tree_make();
	tree_write_text(&fixture->tree, "/sys/kernel/tracing/available_events",
		"syscalls:sys_exit_openat\nsyscalls:sys_enter_openat\nsyscalls:sys_enter_none\n"
		"raw_syscalls:sys_enter\nraw_syscalls:sys_exit\nsched:sched_switch\n"
		"sched:sched_wakeup\nsched:sched_waking\n");
	tree_write_text(&fixture->tree, EVENTS "/sched/sched_switch/format", switch_format);
	tree_write_text(&fixture->tree, EVENTS "/syscalls/sys_enter_openat/format", open_format);
	tree_write_text(&fixture->tree, EVENTS "/syscalls/sys_exit_openat/format", open_format);
	tree_write_text(&fixture->tree, EVENTS "/syscalls/sys_enter_none/format", open_format);
	tree_write_text(&fixture->tree, EVENTS "/raw_syscalls/sys_enter/format", raw_format);
	tree_write_text(&fixture->tree, EVENTS "/raw_syscalls/sys_exit/format", raw_format);
	probing_open(&fixture->probing, fixture->tree.path);
}

static void fixture_close(struct fixture *fixture)
{
	probing_close(&fixture->probing);
	tree_remove(&fixture->tree);
}

#define _cleanup_fixture_ _cleanup_(fixture_close)

/* PROBE-21 */
static void by_name(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture;

	fixture_open(&fixture);

	const struct probe_match *match = probing_one(&fixture.probing, "t:sched:sched_switch");

	assert_string_equal(match->name, "tracepoint:sched:sched_switch");
	assert_string_equal(match->function, "sched_switch");
	assert_string_equal(match->target, "sched");
	assert_string_equal(match->event, "sched_switch");
	assert_int_equal(match->attach, ATTACH_TRACEPOINT);
	assert_int_equal(match->context, CONTEXT_RECORD);
}

static void assert_syscall(
	const char *text, enum context_kind context, const char *target, bool all, const char *name)
{
	_cleanup_fixture_ struct fixture fixture;
	int32_t number = -1;

	fixture_open(&fixture);

	const struct probe_match *match = probing_one(&fixture.probing, text);

	if (!all)
		assert_true(arch_syscall(arch_native(), "openat", &number));
	assert_string_equal(match->name, name);
	assert_int_equal(match->attach, ATTACH_SYSCALL);
	assert_int_equal(match->context, context);
	assert_string_equal(match->target, target);
	assert_int_equal(match->syscall, number);
	assert_int_equal(match->compat, all);
}

static void syscalls_by_number(void **state _unused_)
{
	assert_syscall("t:syscalls:sys_enter_openat", CONTEXT_SYSCALL_ENTER, "sys_enter", false,
		"tracepoint:syscalls:sys_enter_openat");
	assert_syscall("t:syscalls:sys_exit_openat", CONTEXT_SYSCALL_EXIT, "sys_exit", false,
		"tracepoint:syscalls:sys_exit_openat");
	assert_syscall("t:raw_syscalls:sys_enter", CONTEXT_SYSCALL_ENTER, "sys_enter", true,
		"tracepoint:raw_syscalls:sys_enter");
	assert_syscall("t:raw_syscalls:sys_exit", CONTEXT_SYSCALL_EXIT, "sys_exit", true,
		"tracepoint:raw_syscalls:sys_exit");
}

/* A call that the architecture's table lacks has its event. */
static void unknown_syscalls_by_event(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture;

	fixture_open(&fixture);

	const struct probe_match *match =
		probing_one(&fixture.probing, "t:syscalls:sys_enter_none");

	assert_int_equal(match->attach, ATTACH_TRACEPOINT);
	assert_int_equal(match->context, CONTEXT_RECORD);
	assert_string_equal(match->target, "syscalls");
}

/* PROBE-24 */
static void wildcards(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture;
	struct probing *probing = &fixture.probing;

	fixture_open(&fixture);
	assert_success(probing_match(probing, "tracepoint:sched:sched_wa*"));
	assert_int_equal(probing->matches.count, 2);
	assert_string_equal(probing->matches.items[0].name, "tracepoint:sched:sched_wakeup");
	assert_string_equal(probing->matches.items[1].name, "tracepoint:sched:sched_waking");
	assert_success(probing_match(probing, "t:*syscalls:sys_enter*"));
	assert_int_equal(probing->matches.count, 3);
	assert_success(probing_match(probing, "t:*:*"));
	assert_int_equal(probing->matches.count, 8);
	assert_success(probing_match(probing, "t:sched:none*"));
	assert_int_equal(probing->matches.count, 0);
}

/* ERR-11 */
static void unknown_names(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture;
	struct probing *probing = &fixture.probing;

	fixture_open(&fixture);
	assert_failure(probing_match(probing, "t:sched:nope"), "tracepoint not found: sched:nope");
	assert_failure(probing_match(probing, "t:sched:sched_swich"),
		"tracepoint not found: sched:sched_swich");
	assert_string_equal(probing->suggestion.best, "tracepoint:sched:sched_switch");
	assert_failure(probing_match(probing, "t:sched"),
		"'t:sched' does not have the form tracepoint:CATEGORY:EVENT");
	assert_failure(probing_match(probing, "t:../sched:x"), "tracepoint not found: ../sched:x");
}

static void without_tracefs(void **state _unused_)
{
	struct tree tree = tree_make();
	struct probing probing;

	probing_open(&probing, tree.path);
	assert_failure(probing_match(&probing, "t:sched:sched_switch"),
		"tracefs is not mounted on /sys/kernel/tracing; \"mount -t tracefs "
		"tracefs /sys/kernel/tracing\" does it");
	assert_failure(probing_match(&probing, "t:sched:*"),
		"tracefs is not mounted on /sys/kernel/tracing; \"mount -t tracefs "
		"tracefs /sys/kernel/tracing\" does it");
	probing_close(&probing);
	tree_remove(&tree);
}

static void assert_arguments(struct probing *probing, const char *text, const char *name,
	const char *member_name, uint32_t index, enum address_space space)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	_cleanup_str_ struct str spelled = STR_INIT;
	const struct probe_match *match = probing_one(probing, text);
	uint32_t type = 0;

	assert_success(match->type->arguments(&probing->world, match, types, &type));
	types_spell(types, type, &spelled);
	assert_string_equal(str_text(&spelled), name);

	struct types_member member = types_member_at(types, type, index);

	assert_string_equal(member.name, member_name);
	assert_int_equal(types_space(types, member.type), space);
}

/* PROBE-22 */
static void arguments(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture;
	struct probing *probing = &fixture.probing;

	fixture_open(&fixture);
	assert_arguments(probing, "t:sched:sched_switch", "struct tracepoint_sched_sched_switch",
		"prev_pid", 1, ADDRESS_KERNEL);
	assert_arguments(probing, "t:syscalls:sys_enter_openat",
		"struct tracepoint_syscalls_sys_enter_openat", "filename", 2, ADDRESS_USER);
	assert_arguments(probing, "t:raw_syscalls:sys_enter",
		"struct tracepoint_raw_syscalls_sys_enter", "args", 1, ADDRESS_KERNEL);

	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t type = 4711;
	_cleanup_str_ struct str message = STR_INIT;

	str_append(&message, EVENTS "/sched/sched_wakeup/format: No such file or directory");
	assert_success(probing_match(probing, "t:sched:sched_wakeup*"));
	assert_failure(probing->matches.items[0].type->arguments(
			       &probing->world, &probing->matches.items[0], types, &type),
		str_text(&message));
	assert_int_equal(type, 4711);
}

/* CLI-13 */
static void declarations(void **state _unused_)
{
	_cleanup_fixture_ struct fixture fixture;
	_cleanup_str_ struct str text = STR_INIT;

	fixture_open(&fixture);

	const struct probe_match *match =
		probing_one(&fixture.probing, "t:syscalls:sys_enter_openat");

	assert_success(match->type->declare(&fixture.probing.world, match, &text));
	assert_string_equal(
		str_text(&text), "    int __syscall_nr\n    int dfd\n    const char * filename\n");
}

/* Every event of the live system has arguments that BTF can say. */
static void the_live_system(void **state _unused_)
{
	_cleanup_probing_ struct probing probing;
	_cleanup_types_ struct types *types = types_new(NULL);
	const struct probe_match *match;
	size_t syscalls = 0, others = 0;

	probing_open(&probing, "/");

	struct error *error = probing_match(&probing, "t:*:*");

	if (error) {
		print_message("%s\n", error->message);
		error_free(error);
		skip();
	}
	vec_for_each (&probing.matches, match) {
		_cleanup_error_ struct error *unreadable = NULL;
		uint32_t type = 0;

		unreadable = match->type->arguments(&probing.world, match, types, &type);
		if (unreadable && unreadable->number == EACCES)
			skip();
		if (unreadable)
			fail_msg("%s: %s", match->name, unreadable->message);
		assert_int_equal(types_class(types, type), TYPE_STRUCT);
		*(match->attach == ATTACH_SYSCALL ? &syscalls : &others) += 1;
	}
	assert_true(syscalls > 100);
	assert_true(others > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_name),
		cmocka_unit_test(syscalls_by_number),
		cmocka_unit_test(unknown_syscalls_by_event),
		cmocka_unit_test(wildcards),
		cmocka_unit_test(unknown_names),
		cmocka_unit_test(without_tracefs),
		cmocka_unit_test(arguments),
		cmocka_unit_test(declarations),
		cmocka_unit_test(the_live_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
