/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row is one thing that can be in the way: the kinds of probes that it concerns, and a function
 * that looks and says it. What the kernel lacks comes first, then what forbids everything, then
 * what forbids some; the first that is found is the answer. Sources: Documentation/admin-guide/
 * sysctl/kernel.rst, Documentation/trace/kprobes.rst, capabilities(7), kernel_lockdown(7).
 */
#include "obstacles.h"

#include <linux/capability.h>
#include <stdint.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "procfs.h"
#include "tracefs.h"

#define PMU "/sys/bus/event_source/devices"

#define KIND(kind)    (1u << OBSTACLE_##kind)
#define ALL_KINDS     ((1u << NR_OBSTACLES) - 1)
#define BY_FTRACE     (KIND(KPROBE_MULTI) | KIND(FENTRY))
#define BY_PERF_EVENT (KIND(KPROBE) | KIND(UPROBE) | KIND(TRACEPOINT) | KIND(PERF))

struct row {
	unsigned kinds;
	bool in_kernel;
	bool (*look)(const struct host *host, struct str *out);
};

/* A number in a file; fallback when there is none. */
static int64_t number_in(const struct host *host, const char *path, int64_t fallback)
{
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_error_ struct error *error = host_read_file(host, path, &text);

	return error ? fallback : strtoll(str_text(&text), NULL, 0);
}

/* Whether the kernel was built with the option: 1, 0, or -1 when nothing says it. */
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

static bool lacks_types(const struct host *host, struct str *out)
{
	if (host_exists(host, "/sys/kernel/btf/vmlinux"))
		return false;
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

/* --- what forbids everything --- */

static bool is_locked(const struct host *host, struct str *out)
{
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_error_ struct error *error =
		host_read_file(host, "/sys/kernel/security/lockdown", &text);

	if (error || !strstr(str_text(&text), "[confidentiality]"))
		return false;
	str_append(out, "the kernel is locked down (confidentiality), which forbids tracing; boot "
			"without lockdown=confidentiality, or without secure boot");
	return true;
}

/* The effective capabilities of this process, all of them where nothing says it. */
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
		"kernel.perf_event_paranoid is %lld, which asks for CAP_SYS_ADMIN; set it to 2 by "
		"sysctl, or run as root",
		(long long)level);
	return true;
}

static bool is_off(const struct host *host, struct str *out)
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

static const struct row rows[] = {
	{KIND(KPROBE) | KIND(KPROBE_MULTI), true, lacks_kprobes},
	{KIND(UPROBE), true, lacks_uprobes},
	{KIND(FENTRY) | KIND(ITER), true, lacks_types},
	{BY_FTRACE, true, lacks_tracer},
	{ALL_KINDS, false, is_locked},
	{ALL_KINDS, false, is_unprivileged},
	{BY_PERF_EVENT, false, is_paranoid},
	{KIND(KPROBE), false, is_off},
	{BY_FTRACE, false, is_ftrace_off},
	{KIND(TRACEPOINT), false, hides_tracefs},
};

static bool look(const struct host *host, enum obstacle kind, bool only_kernel, struct str *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if ((rows[i].kinds & 1u << kind) && (rows[i].in_kernel || !only_kernel) &&
			rows[i].look(host, out))
			return true;
	}
	return false;
}

bool obstacle_in_kernel(const struct host *host, enum obstacle kind, struct str *out)
{
	return look(host, kind, true, out);
}

bool obstacle_find(const struct host *host, enum obstacle kind, struct str *out)
{
	return look(host, kind, false, out);
}
