/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report of --info, in sections of "  name: answer" lines so that it can be searched by grep.
 * What the kernel has is read off its BTF and the files of its perf units.
 */
#include "info.h"

#include <bpf/libbpf.h>
#include <string.h>
#include <sys/utsname.h>

#include "libcommon/host/feature.h"
#include "libcommon/host/kbtf.h"
#include "libcommon/host/tracefs.h"

#define PMU "/sys/bus/event_source/devices/"

static const char *const map_types[] = {
	"HASH",
	"PERCPU_HASH",
	"LRU_HASH",
	"ARRAY",
	"PERCPU_ARRAY",
	"ARRAY_OF_MAPS",
	"STACK_TRACE",
	"PERF_EVENT_ARRAY",
	"RINGBUF",
};

static const char *const helpers[] = {
	"probe_read",
	"probe_read_str",
	"probe_read_user",
	"probe_read_user_str",
	"probe_read_kernel",
	"probe_read_kernel_str",
	"get_current_cgroup_id",
	"send_signal",
	"override_return",
	"get_stackid",
	"get_current_task_btf",
	"ktime_get_boot_ns",
	"ktime_get_tai_ns",
	"get_attach_cookie",
	"get_func_ip",
	"for_each_map_elem",
	"loop",
	"strncmp",
	"ringbuf_output",
	"skb_output",
	"probe_write_user",
};

/* Kinds of probes and the file without which there are none; NULL: they are always there. */
static const struct {
	const char *name;
	const char *file;
} kinds[] = {
	{"BEGIN, END", NULL},
	{"interval, profile, software", PMU "software/type"},
	{"hardware", PMU "cpu/type"},
	{"kprobe, kretprobe", PMU "kprobe/type"},
	{"uprobe, uretprobe", PMU "uprobe/type"},
	{"watchpoint", PMU "breakpoint/type"},
};

static void line(struct str *out, const char *name, bool has, const char *doc)
{
	str_printf(out, "  %s: %s", name, has ? "yes" : "no");
	str_printf(out, doc ? "  (%s)\n" : "\n", doc);
}

static void report_system(struct kbtf *kbtf, struct str *out)
{
	struct utsname system;

	str_append(out, "System\n");
	if (uname(&system) == 0)
		str_printf(out, "  kernel: %s %s\n  architecture: %s\n", system.sysname,
			system.release, system.machine);
	line(out, "types (BTF)", kbtf_has_name(kbtf, "task_struct"), NULL);
	str_printf(
		out, "\nBuild\n  version: v%s\n  libbpf: %s\n", VERSION, libbpf_version_string());
}

static void report_features(struct kbtf *kbtf, const struct host *host, struct str *out)
{
	uint64_t features = feature_probe(kbtf, 0);

	str_append(out, "\nKernel features (names for --no-feature)\n");
	for (int i = 0; i < NR_FEATURES; i++)
		line(out, feature_name(i), features & FEATURE_BIT(i), feature_doc(i));
	line(out, "uprobe refcount", host_exists(host, PMU "uprobe/format/ref_ctr_offset"),
		"the kernel raises USDT semaphores");
}

/* Names of the kernel's enumerators: prefix and name. */
static void report_names(struct kbtf *kbtf, const char *prefix, const char *const *names,
	size_t count, struct str *out)
{
	for (size_t i = 0; i < count; i++) {
		_cleanup_str_ struct str enumerator = STR_INIT;

		str_printf(&enumerator, "%s%s", prefix, names[i]);
		line(out, names[i], kbtf_has_name(kbtf, str_text(&enumerator)), NULL);
	}
}

static void report_probes(const struct host *host, struct str *out)
{
	const char *path = NULL;
	_cleanup_error_ struct error *error = tracefs_find(host, &path);

	str_append(out, "\nProbe types\n");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		line(out, kinds[i].name, !kinds[i].file || host_exists(host, kinds[i].file), NULL);
	line(out, "tracepoint, rawtracepoint", !error, error ? error->message : NULL);
}

void info_report(const struct host *host, struct str *out)
{
	struct kbtf *kbtf = kbtf_new(host, NULL);

	report_system(kbtf, out);
	report_features(kbtf, host, out);
	str_append(out, "\nKernel helpers\n");
	report_names(kbtf, "BPF_FUNC_", helpers, ARRAY_SIZE(helpers), out);
	str_append(out, "\nMap types\n");
	report_names(kbtf, "BPF_MAP_TYPE_", map_types, ARRAY_SIZE(map_types), out);
	report_probes(host, out);
	kbtf_free(kbtf);
}
