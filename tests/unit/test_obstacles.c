/* SPDX-License-Identifier: Apache-2.0 */
/* The fixture is a machine that has everything; each test takes something away from it. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "libcommon/host/obstacles.h"
#include "tests/unit/tree_host.h"

#define PMU      "/sys/bus/event_source/devices"
#define CONFIG   "/boot/config-6.1.0-test"
#define LOCKDOWN "/sys/kernel/security/lockdown"
#define PARANOID "/proc/sys/kernel/perf_event_paranoid"
#define STATUS   "/proc/self/status"
#define FTRACE   "/proc/sys/kernel/ftrace_enabled"
#define JIT      "/proc/sys/net/core/bpf_jit_enable"
#define KPTR     "/proc/sys/kernel/kptr_restrict"
#define OFF      "/sys/kernel/debug/kprobes/enabled"

#define ALL_CAPABILITIES  "Name:\tx\nCapEff:\t000001ffffffffff\n"
#define MANY_CAPABILITIES "Name:\tx\nCapEff:\t000000c000000000\n" /* CAP_PERFMON, CAP_BPF */
#define NOT_ALL           "the kernel requires CAP_SYS_ADMIN here; run it as root (sudo)"
#define NO_PRIVILEGE      "the privileges CAP_BPF and CAP_PERFMON are missing; run it as root (sudo)"
#define IS_LOCKED                                                                                  \
	"the kernel is locked down (confidentiality), which forbids it; boot without "             \
	"lockdown=confidentiality, or without secure boot"

static int setup(void **state)
{
	int result = tree_host_setup(state);
	const struct tree *tree = &((struct tree_host *)*state)->tree;

	tree_directory(tree, PMU "/software");
	tree_directory(tree, PMU "/kprobe");
	tree_directory(tree, PMU "/uprobe");
	tree_directory(tree, PMU "/breakpoint");
	tree_directory(tree, "/sys/kernel/tracing/events");
	tree_write_text(tree, "/sys/kernel/btf/vmlinux", "");
	tree_write_text(tree, "/proc/sys/kernel/osrelease", "6.1.0-test\n");
	tree_write_text(tree, CONFIG,
		"#\n# Linux\n#\nCONFIG_FUNCTION_TRACER=y\nCONFIG_BPF_JIT=y\n"
		"CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y\n");
	tree_write_text(tree, LOCKDOWN, "[none] integrity confidentiality\n");
	tree_write_text(tree, PARANOID, "2\n");
	tree_write_text(tree, STATUS, ALL_CAPABILITIES);
	tree_write_text(tree, OFF, "1\n");
	tree_write_text(tree, FTRACE, "1\n");
	tree_write_text(tree, KPTR, "1\n");
	return result;
}

static void take_away(const struct tree_host *fixture, const char *path)
{
	_cleanup_str_ struct str full = STR_INIT;

	str_printf(&full, "%s%s", fixture->tree.path, path);
	assert_int_equal(remove(full.data), 0);
}

typedef bool (*question)(const struct host *host, enum obstacle kind, struct str *out);

/* NULL: nothing is in the way. */
static void expect(
	question ask, const struct tree_host *fixture, enum obstacle kind, const char *text)
{
	_cleanup_str_ struct str out = STR_INIT;

	str_append(&out, "> ");
	if (ask(&fixture->host, kind, &out) != (text != NULL))
		fail_msg("of kind %d was said: %s", kind, out.data);
	assert_string_equal(out.data + 2, text ? text : "");
}

static bool find_denial(const struct host *host, enum obstacle kind, struct str *out)
{
	return obstacle_find(host, kind, EPERM, out);
}

static bool find_failure(const struct host *host, enum obstacle kind, struct str *out)
{
	return obstacle_find(host, kind, ENOENT, out);
}

#define denied(fixture, kind, text) expect(find_denial, fixture, OBSTACLE_##kind, text)
#define fails(fixture, kind, text)  expect(find_failure, fixture, OBSTACLE_##kind, text)
#define lacks(fixture, kind, text)  expect(obstacle_in_kernel, fixture, OBSTACLE_##kind, text)

/* text for the kinds, nothing for the others. */
static void expect_only(
	question ask, const struct tree_host *fixture, unsigned kinds, const char *text)
{
	for (unsigned kind = 0; kind < NR_OBSTACLES; kind++)
		expect(ask, fixture, kind, kinds >> kind & 1 ? text : NULL);
}

#define BIT(kind) (1u << OBSTACLE_##kind)
#define ALL       (~0u)

static void nothing_is_in_the_way(void **state)
{
	struct tree_host *fixture = *state;

	expect_only(find_denial, fixture, 0, NULL);
	expect_only(find_failure, fixture, 0, NULL);
	expect_only(obstacle_in_kernel, fixture, 0, NULL);
	expect_only(obstacle_mutes, fixture, 0, NULL);
}

/* Where no file tells of them, only what must be there is missed. */
static void a_machine_of_which_nothing_is_known(void **state)
{
	struct tree_host *fixture = *state;
	_cleanup_tree_ struct tree bare = tree_make();
	struct tree_host unknown = {.tree = bare, .host = HOST_INIT};

	assert_success(host_open_root(bare.path, &unknown.host));
	denied(&unknown, KPROBE, NULL);
	denied(&unknown, UPROBE, NULL);
	denied(&unknown, PERF, NULL);
	expect_only(obstacle_mutes, &unknown, 0, NULL);
	fails(&unknown, ADDRESS, NULL);
	fails(&unknown, TRACEPOINT,
		"tracefs is not mounted on /sys/kernel/tracing; \"mount -t tracefs tracefs "
		"/sys/kernel/tracing\" does it");
	fails(&unknown, ITER,
		"this kernel has no types: it was built without CONFIG_DEBUG_INFO_BTF");
	host_deinit(&unknown.host);
	fails(fixture, ITER, NULL);
}

static void units_that_the_kernel_lacks(void **state)
{
	struct tree_host *fixture = *state;
	static const char no_kprobes[] =
		"this kernel has no kprobes: it was built without CONFIG_KPROBE_EVENTS";
	static const char no_uprobes[] =
		"this kernel has no uprobes: it was built without CONFIG_UPROBE_EVENTS";

	take_away(fixture, PMU "/kprobe");
	expect_only(find_denial, fixture, BIT(KPROBE) | BIT(KPROBE_INSIDE) | BIT(KPROBE_MULTI),
		no_kprobes);
	expect_only(obstacle_in_kernel, fixture,
		BIT(KPROBE) | BIT(KPROBE_INSIDE) | BIT(KPROBE_MULTI), no_kprobes);
	take_away(fixture, PMU "/uprobe");
	lacks(fixture, UPROBE, no_uprobes);
	fails(fixture, UPROBE_MULTI, no_uprobes);
	take_away(fixture, PMU "/breakpoint");
	lacks(fixture, WATCHPOINT,
		"this kernel cannot watch memory: it was built without "
		"CONFIG_HAVE_HW_BREAKPOINT");
	take_away(fixture, PMU "/software");
	expect_only(obstacle_in_kernel, fixture, 0, NULL);
}

static void a_kernel_without_types(void **state)
{
	struct tree_host *fixture = *state;
	static const char text[] =
		"this kernel has no types: it was built without CONFIG_DEBUG_INFO_BTF";

	take_away(fixture, "/sys/kernel/btf/vmlinux");
	expect_only(find_failure, fixture, BIT(FENTRY) | BIT(ITER), text);
	lacks(fixture, FENTRY, text);
	lacks(fixture, ITER, text);
}

static void a_kernel_without_the_tracer(void **state)
{
	struct tree_host *fixture = *state;
	static const char text[] = "this kernel cannot trace functions: it was built without "
				   "CONFIG_FUNCTION_TRACER";

	tree_write_text(&fixture->tree, CONFIG,
		"# CONFIG_FUNCTION_TRACER is not set\nCONFIG_FUNCTION_TRACER_MORE=y\n"
		"NO_CONFIG_FUNCTION_TRACER=y\nCONFIG_BPF_JIT=y\n"
		"CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y\n");
	expect_only(find_failure, fixture, BIT(KPROBE_MULTI) | BIT(FENTRY), text);
	lacks(fixture, KPROBE_MULTI, text);
	take_away(fixture, CONFIG);
	expect_only(find_failure, fixture, 0, NULL);
}

static void a_kernel_without_trampolines(void **state)
{
	struct tree_host *fixture = *state;
	static const char no_calls[] = "this kernel has no trampolines: it was built without "
				       "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS";
	static const char no_jit[] = "this kernel has no trampolines: it was built without "
				     "CONFIG_BPF_JIT";

	tree_write_text(&fixture->tree, CONFIG, "#\nCONFIG_FUNCTION_TRACER=y\nCONFIG_BPF_JIT=y\n");
	expect_only(find_failure, fixture, BIT(FENTRY), no_calls);
	lacks(fixture, FENTRY, no_calls);
	tree_write_text(&fixture->tree, CONFIG,
		"#\nCONFIG_FUNCTION_TRACER=y\nCONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y\n");
	lacks(fixture, FENTRY, no_jit);
}

static void a_compiler_that_is_turned_off(void **state)
{
	struct tree_host *fixture = *state;

	tree_write_text(&fixture->tree, JIT, "1\n");
	expect_only(find_failure, fixture, 0, NULL);
	tree_write_text(&fixture->tree, JIT, "0\n");
	expect_only(find_failure, fixture, BIT(FENTRY),
		"net.core.bpf_jit_enable is 0, without which there are no trampolines; set it to 1 "
		"by sysctl");
	expect_only(obstacle_in_kernel, fixture, 0, NULL);
}

/* What can be changed without another kernel is none of its lacks. */
static void lockdown_forbids_everything(void **state)
{
	struct tree_host *fixture = *state;

	tree_write_text(&fixture->tree, LOCKDOWN, "none [integrity] confidentiality\n");
	expect_only(find_denial, fixture, 0, NULL);
	tree_write_text(&fixture->tree, LOCKDOWN, "none integrity [confidentiality]\n");
	expect_only(find_denial, fixture, ALL & ~BIT(LOAD), IS_LOCKED);
	expect_only(find_failure, fixture, 0, NULL);
	expect_only(obstacle_in_kernel, fixture, 0, NULL);
	take_away(fixture, LOCKDOWN);
	expect_only(find_denial, fixture, 0, NULL);
}

static void privileges_that_are_missing(void **state)
{
	struct tree_host *fixture = *state;
	static const struct {
		const char *status;
		bool is_enough;
	} cases[] = {
		{"Name:\tx\nCapEff:\t0000000000200000\n", true}, /* CAP_SYS_ADMIN */
		{"Name:\tx\nCapEff:\t0000008000000000\n", false},
		{"Name:\tx\nCapEff:\t0000004000000000\n", false},
		{"Name:\tx\nCapPrm:\t000001ffffffffff\nCapEff:\t0000000000000000\n", false},
		{"Name:\tx\nCapEff:\n", false},
		{"Name:\tx\n", true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		tree_write_text(&fixture->tree, STATUS, cases[i].status);
		expect_only(find_denial, fixture, ALL, cases[i].is_enough ? NULL : NO_PRIVILEGE);
	}
}

static void some_take_all_privileges(void **state)
{
	struct tree_host *fixture = *state;

	tree_write_text(&fixture->tree, STATUS, MANY_CAPABILITIES);
	expect_only(find_denial, fixture, BIT(UPROBE) | BIT(WATCHPOINT), NOT_ALL);
}

static void paranoia_is_for_those_without_all_privileges(void **state)
{
	struct tree_host *fixture = *state;
	static const char text[] =
		"kernel.perf_event_paranoid is 4, which requires CAP_SYS_ADMIN; set it to 2 by "
		"sysctl, or run as root";

	tree_write_text(&fixture->tree, PARANOID, "4\n");
	expect_only(find_denial, fixture, 0, NULL);
	tree_write_text(&fixture->tree, STATUS, MANY_CAPABILITIES);
	denied(fixture, KPROBE, text);
	denied(fixture, TRACEPOINT, text);
	denied(fixture, PERF, text);
	denied(fixture, WATCHPOINT, text);
	denied(fixture, UPROBE, NOT_ALL);
	denied(fixture, KPROBE_MULTI, NULL);
	denied(fixture, UPROBE_MULTI, NULL);
	expect_only(find_failure, fixture, 0, NULL);
	tree_write_text(&fixture->tree, PARANOID, "2\n");
	denied(fixture, PERF, NULL);
	tree_write_text(&fixture->tree, PARANOID, "-1\n");
	denied(fixture, PERF, NULL);
}

static void switches_that_are_off(void **state)
{
	struct tree_host *fixture = *state;

	tree_write_text(&fixture->tree, OFF, "0\n");
	expect_only(obstacle_mutes, fixture, BIT(KPROBE) | BIT(KPROBE_INSIDE),
		"kprobes are turned off; write 1 to /sys/kernel/debug/kprobes/enabled");
	take_away(fixture, OFF);
	tree_write_text(&fixture->tree, FTRACE, "0\n");
	expect_only(obstacle_mutes, fixture, BIT(KPROBE) | BIT(KPROBE_MULTI) | BIT(FENTRY),
		"tracing of functions is turned off; turn it on by sysctl "
		"kernel.ftrace_enabled=1");
	expect_only(find_denial, fixture, 0, NULL);
}

static void addresses_that_are_hidden(void **state)
{
	struct tree_host *fixture = *state;

	tree_write_text(&fixture->tree, KPTR, "2\n");
	expect_only(find_failure, fixture, BIT(ADDRESS),
		"kernel.kptr_restrict is 2, which hides the addresses of the kernel's functions; "
		"set it to 1 by sysctl");
}

/* What forbids everything is told before what forbids some, and what is lacking before both. */
static void the_weightiest_is_said(void **state)
{
	struct tree_host *fixture = *state;

	tree_write_text(&fixture->tree, STATUS, "Name:\tx\nCapEff:\t0\n");
	denied(fixture, KPROBE, NO_PRIVILEGE);
	tree_write_text(&fixture->tree, LOCKDOWN, "none integrity [confidentiality]\n");
	denied(fixture, KPROBE, IS_LOCKED);
	take_away(fixture, PMU "/kprobe");
	denied(fixture, KPROBE,
		"this kernel has no kprobes: it was built without CONFIG_KPROBE_EVENTS");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_in_the_way, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			a_machine_of_which_nothing_is_known, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			units_that_the_kernel_lacks, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(a_kernel_without_types, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			a_kernel_without_the_tracer, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			a_kernel_without_trampolines, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			a_compiler_that_is_turned_off, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			lockdown_forbids_everything, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			privileges_that_are_missing, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			paranoia_is_for_those_without_all_privileges, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			some_take_all_privileges, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(switches_that_are_off, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			addresses_that_are_hidden, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(the_weightiest_is_said, setup, tree_host_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
