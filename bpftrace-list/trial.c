/* SPDX-License-Identifier: Apache-2.0 */
#include "trial.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "libcommon/base/attributes.h"
#include "libcommon/base/error.h"
#include "libcommon/host/kbtf.h"

/* Loads an empty program, for a function of the kernel unless its id is 0; returns 0 or -errno. */
static int try_load(enum bpf_prog_type type, enum bpf_attach_type attach, uint32_t function)
{
	const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = attach,
		.attach_btf_id = function);
	_cleanup_close_ int fd = bpf_prog_load(type, NULL, "GPL", code, ARRAY_SIZE(code), &options);

	return fd < 0 ? -errno : 0;
}

/* The id of a traceable function that every kernel has, 0 if there is none. */
static uint32_t find_function(struct kbtf *kbtf)
{
	static const char *const names[] = {"vfs_read", "vfs_write", "do_exit", "vfs_open"};
	const struct btf *btf = NULL;
	_cleanup_error_ struct error *error = kbtf_btf(kbtf, &btf);

	for (size_t i = 0; !error && i < ARRAY_SIZE(names); i++) {
		int32_t id = btf__find_by_name_kind(btf, names[i], BTF_KIND_FUNC);

		if (id > 0)
			return (uint32_t)id;
	}
	return 0;
}

static int try_function(struct kbtf *kbtf)
{
	uint32_t function = find_function(kbtf);

	if (!function || try_load(BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0) != 0)
		return 0;
	return try_load(BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, function);
}

/* Opens a perf event; returns 0 or -errno. */
static int try_event(uint32_t type, uint64_t config)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr), .type = type, .config = config, .disabled = 1};
	_cleanup_close_ int fd =
		(int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : 0;
}

static int try_counter(struct kbtf *kbtf _unused_)
{
	if (try_event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK) != 0)
		return 0;
	return try_event(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES);
}

static const struct {
	int (*attempt)(
		struct kbtf *kbtf); /* 0, or -errno when refused; 0 also without privileges */
	const char *refusal;
	bool has_reason; /* append the text of errno */
} rows[NR_OBSTACLES] = {
	[OBSTACLE_FENTRY] = {try_function, "this kernel refuses programs at the entry of functions",
		true},
	[OBSTACLE_HARDWARE] = {try_counter,
		"this machine has no hardware counters, as is usual in virtual machines", false},
};

bool trial_refuses(void *context, enum obstacle kind, struct str *out)
{
	int number = rows[kind].attempt ? rows[kind].attempt(context) : 0;

	if (number)
		str_printf(out, "%s%s%s (-v lists them anyway)", rows[kind].refusal,
			rows[kind].has_reason ? ": " : "",
			rows[kind].has_reason ? strerror(-number) : "");
	return number != 0;
}
