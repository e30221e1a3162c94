/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row is a condition that prevents probes: the kinds of probes that it concerns, its effect, and
 * a function that detects and describes it. What the kernel lacks comes first, then what prevents
 * all probes, then what prevents some; the first condition that holds is the result. Sources:
 * Documentation/admin-guide/sysctl/kernel.rst, Documentation/trace/kprobes.rst, capabilities(7),
 * kernel_lockdown(7).
 */
#include "obstacles.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "libcommon/base/alloc.h"
#include "procfs.h"
#include "tracefs.h"

#define PMU "/sys/bus/event_source/devices"

#define KIND(kind)    (1u << OBSTACLE_##kind)
#define ALL_KINDS     ((1u << NR_OBSTACLES) - 1)
#define BY_FTRACE     (KIND(KPROBE_MULTI) | KIND(FENTRY))
#define BY_KPROBE     (KIND(KPROBE) | KIND(KPROBE_INSIDE))
#define BY_PERF_EVENT (BY_KPROBE | KIND(UPROBE) | KIND(TRACEPOINT) | KIND(PERF) | KIND(WATCHPOINT))

enum effect {
	LACKS,  /* no such probe can ever be attached */
	DENIES, /* attaching ends with EPERM or EACCES */
	FAILS,  /* attaching ends with other errors */
	MUTES,  /* what is attached sees nothing */
};

struct row {
	unsigned kinds;
	enum effect effect;
	bool (*look)(const struct host *host, struct str *out);
};

/* A number in a file; fallback when there is none. */
static int64_t number_in(const struct host *host, const char *path, int64_t fallback)
{
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_error_ struct error *error = host_read_file(host, path, &text);

	return error ? fallback : strtoll(str_text(&text), NULL, 0);
}

/* Whether the kernel was built with the option: 1, 0, or -1 when it is not known. */
static int has_option(const struct host *host, const char *option)
{
	_cleanup_str_ struct str release = STR_INIT, text = STR_INIT;
	_cleanup_error_ struct error *unknown = procfs_release(host, &release);
	_cleanup_free_ char *path = xasprintf("/boot/config-%s", str_text(&release));
	_cleanup_free_ char *line = xasprintf("\n%s=", option);
	_cleanup_error_ struct error *unread = host_read_file(host, path, &text);

	return unread ? -1 : strstr(str_text(&text), line) != NULL;
}

/* --- what the kernel lacks --- */

/* The kernel shows what perf events it has as directories, of which "software" is always there. */
static bool lacks_unit(const struct host *host, const char *unit)
{
	return host_exists(host, PMU "/software") && !host_exists(host, unit);
}

static bool lacks_kprobes(const struct host *host, struct str *out)
{
	if (!lacks_unit(host, PMU "/kprobe"))
		return false;
	str_append(out, "this kernel has no kprobes: it was built without CONFIG_KPROBE_EVENTS");
	return true;
}

static bool lacks_uprobes(const struct host *host, struct str *out)
{
	if (!lacks_unit(host, PMU "/uprobe"))
		return false;
	str_append(out, "this kernel has no uprobes: it was built without CONFIG_UPROBE_EVENTS");
	return true;
}

static bool lacks_breakpoints(const struct host *host, struct str *out)
{
	if (!lacks_unit(host, PMU "/breakpoint"))
		return false;
	str_append(out, "this kernel cannot watch memory: it was built without "
			"CONFIG_HAVE_HW_BREAKPOINT");
	return true;
}

/* The mounts of this machine; captured files have none. */
static bool lacks_mounts(const struct host *host, struct str *out)
{
	_cleanup_error_ struct error *error = host->live ? procfs_check_mounts(host) : NULL;

	if (error)
		str_append(out, error->message);
	return error != NULL;
}

static bool lacks_types(const struct host *host, struct str *out)
{
	if (host_exists(host, "/sys/kernel/btf/vmlinux"))
		return false;
	if (lacks_mounts(host, out))
		return true;
	str_append(out, "this kernel has no types: it was built without CONFIG_DEBUG_INFO_BTF");
	return true;
}

static bool lacks_tracer(const struct host *host, struct str *out)
{
	if (has_option(host, "CONFIG_FUNCTION_TRACER") != 0)
		return false;
	str_append(out, "this kernel cannot trace functions: it was built without "
			"CONFIG_FUNCTION_TRACER");
	return true;
}

static bool lacks_trampolines(const struct host *host, struct str *out)
{
	static const char *const options[] = {
		"CONFIG_BPF_JIT", "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS"};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (has_option(host, options[i]) != 0)
			continue;
		str_printf(
			out, "this kernel has no trampolines: it was built without %s", options[i]);
		return true;
	}
	return false;
}

/* --- what forbids everything --- */

static bool is_locked(const struct host *host, struct str *out)
{
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_error_ struct error *error =
		host_read_file(host, "/sys/kernel/security/lockdown", &text);

	if (error || !strstr(str_text(&text), "[confidentiality]"))
		return false;
	str_append(out, "the kernel is locked down (confidentiality), which forbids it; boot "
			"without lockdown=confidentiality, or without secure boot");
	return true;
}

/* The effective capabilities of this process, all of them when they cannot be read. */
static uint64_t capabilities(const struct host *host)
{
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_error_ struct error *error = host_read_file(host, "/proc/self/status", &text);
	const char *line = strstr(str_text(&text), "\nCapEff:");

	return error || !line ? UINT64_MAX : strtoull(line + strlen("\nCapEff:"), NULL, 16);
}

static bool has_capability(const struct host *host, unsigned number)
{
	return capabilities(host) >> number & 1;
}

/* The kernel requires capabilities in the initial user namespace. */
static bool is_in_user_namespace(const struct host *host, struct str *out)
{
	enum { INITIAL_INODE = 0xEFFFFFFD }; /* PROC_USER_INIT_INO of the kernel */
	_cleanup_close_ int fd = -1;
	struct stat status;
	_cleanup_error_ struct error *error = host_open(host, "/proc/self/ns/user", O_PATH, &fd);

	if (error || fstat(fd, &status) != 0 || status.st_ino == INITIAL_INODE)
		return false;
	str_append(out,
		"this is a user namespace, in which root has no privileges for tracing; run "
		"it outside, in the initial user namespace, or with a BPF token (Linux 6.9)");
	return true;
}

static bool is_unprivileged(const struct host *host, struct str *out)
{
	if (has_capability(host, CAP_SYS_ADMIN) ||
		(has_capability(host, CAP_BPF) && has_capability(host, CAP_PERFMON)))
		return false;
	str_append(out, "the privileges CAP_BPF and CAP_PERFMON are missing; run it as root "
			"(sudo)");
	return true;
}

/* --- what forbids some --- */

static bool is_paranoid(const struct host *host, struct str *out)
{
	enum { PARANOID_MAINLINE_MAX = 2 };
	int64_t level = number_in(host, "/proc/sys/kernel/perf_event_paranoid", 0);

	if (level <= PARANOID_MAINLINE_MAX || has_capability(host, CAP_SYS_ADMIN))
		return false;
	str_printf(out,
		"kernel.perf_event_paranoid is %lld, which requires CAP_SYS_ADMIN; set it to 2 by "
		"sysctl, or run as root",
		(long long)level);
	return true;
}

static bool needs_admin(const struct host *host, struct str *out)
{
	if (has_capability(host, CAP_SYS_ADMIN))
		return false;
	str_append(out, "the kernel requires CAP_SYS_ADMIN here; run it as root (sudo)");
	return true;
}

static bool hides_addresses(const struct host *host, struct str *out)
{
	enum { HIDDEN_FROM_ALL = 2 };
	int64_t level = number_in(host, "/proc/sys/kernel/kptr_restrict", 0);

	if (level < HIDDEN_FROM_ALL)
		return false;
	str_printf(out,
		"kernel.kptr_restrict is %lld, which hides the addresses of the kernel's "
		"functions; set it to 1 by sysctl",
		(long long)level);
	return true;
}

static bool are_kprobes_off(const struct host *host, struct str *out)
{
	if (number_in(host, "/sys/kernel/debug/kprobes/enabled", 1) != 0)
		return false;
	str_append(out, "kprobes are turned off; write 1 to /sys/kernel/debug/kprobes/enabled");
	return true;
}

static bool is_ftrace_off(const struct host *host, struct str *out)
{
	if (number_in(host, "/proc/sys/kernel/ftrace_enabled", 1) != 0)
		return false;
	str_append(out, "tracing of functions is turned off; turn it on by sysctl "
			"kernel.ftrace_enabled=1");
	return true;
}

static bool hides_tracefs(const struct host *host, struct str *out)
{
	const char *path = NULL;
	_cleanup_error_ struct error *error = tracefs_find(host, &path);

	if (!error)
		return false;
	str_append(out, error->message);
	return true;
}

static bool is_jit_off(const struct host *host, struct str *out)
{
	if (number_in(host, "/proc/sys/net/core/bpf_jit_enable", 1) != 0)
		return false;
	str_append(out, "net.core.bpf_jit_enable is 0, without which there are no trampolines; set "
			"it to 1 by sysctl");
	return true;
}

static const struct row rows[] = {
	{BY_KPROBE | KIND(KPROBE_MULTI), LACKS, lacks_kprobes},
	{KIND(UPROBE) | KIND(UPROBE_MULTI), LACKS, lacks_uprobes},
	{KIND(WATCHPOINT), LACKS, lacks_breakpoints},
	{KIND(FENTRY) | KIND(ITER), LACKS, lacks_types},
	{BY_FTRACE, LACKS, lacks_tracer},
	{KIND(FENTRY), LACKS, lacks_trampolines},
	{ALL_KINDS, DENIES, is_in_user_namespace},
	{ALL_KINDS & ~KIND(LOAD), DENIES, is_locked},
	{ALL_KINDS, DENIES, is_unprivileged},
	{KIND(UPROBE), DENIES, needs_admin},
	{BY_PERF_EVENT, DENIES, is_paranoid},
	{KIND(WATCHPOINT), DENIES, needs_admin},
	{KIND(TRACEPOINT), FAILS, hides_tracefs},
	{KIND(ADDRESS), FAILS, hides_addresses},
	{KIND(FENTRY), FAILS, is_jit_off},
	{BY_KPROBE, MUTES, are_kprobes_off},
	{BY_FTRACE | KIND(KPROBE), MUTES, is_ftrace_off},
};

static bool look(const struct host *host, enum obstacle kind, unsigned effects, struct str *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if ((rows[i].kinds & 1u << kind) && (effects & 1u << rows[i].effect) &&
			rows[i].look(host, out))
			return true;
	}
	return false;
}

bool obstacle_in_kernel(const struct host *host, enum obstacle kind, struct str *out)
{
	return look(host, kind, 1u << LACKS, out);
}

bool obstacle_mutes(const struct host *host, enum obstacle kind, struct str *out)
{
	return look(host, kind, 1u << MUTES, out);
}

bool obstacle_find(const struct host *host, enum obstacle kind, int number, struct str *out)
{
	bool denied = number == EPERM || number == EACCES;

	return look(host, kind, 1u << LACKS | 1u << (denied ? DENIES : FAILS), out);
}
