/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kernel that waits for the return of a call has put the address of its own trampoline in the
 * place of the caller's. The program is attached before the returns, so the kernel runs it after
 * they have done that (or not). Of several tracers of one function it counts the calls whose return
 * none of them gets. Sources: kernel/kprobes.c, kernel/trace/fprobe.c and the architectures'
 * kprobes.c, rethook.c of the kernel.
 */
#include "kprobe_missed.h"

#include <stddef.h>

#include "instructions.h"
#include "libcommon/host/arch.h"
#include "libcommon/host/kbtf.h"

/* bpf_link_info with the counts of both kinds of links. */
enum { REPORTING_SIZE = 56 };

/* The map's only element. */
struct counter {
	uint64_t count;
	uint64_t is_on;
};

bool kprobe_missed_is_reported(const struct attachments *attachments)
{
	struct kbtf *kbtf = kbtf_new(attachments->host, NULL);
	uint32_t size = kbtf_size(kbtf, "bpf_link_info");

	kbtf_free(kbtf);
	return size >= REPORTING_SIZE;
}

/* By the names that it has had; no kernel has two of them in use for the same return. */
static size_t find_trampolines(struct attachments *attachments, uint64_t ret[2])
{
	static const char *const names[] = {
		"arch_rethook_trampoline", "__kretprobe_trampoline", "kretprobe_trampoline"};
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names) && count < 2; i++) {
		function_addresses addresses = {};

		functions_addresses(attach_functions(attachments), "", names[i], &addresses);
		if (addresses.count)
			ret[count++] = addresses.items[0];
		vec_deinit(&addresses);
	}
	return count;
}

static int load(int map_fd, bool is_multi, const uint64_t trampolines[2])
{
	enum { READ_BEGIN = 2, READ_END = 8, END = 26 };
	const struct arch *arch = arch_native();
	struct bpf_insn code[] = {
		LOAD(BPF_REG_6, BPF_REG_1, (int16_t)arch->return_address),
		STORE(BPF_REG_10, -8, BPF_REG_6),
		MOVE(BPF_REG_1, BPF_REG_10),
		ADD(BPF_REG_1, -8),
		SET(BPF_REG_2, sizeof(uint64_t)),
		MOVE(BPF_REG_3, BPF_REG_6),
		CALL(probe_read_kernel),
		LOAD(BPF_REG_6, BPF_REG_10, -8),
		LOAD_NUMBER(BPF_REG_7, trampolines[0]),
		IF_REGISTER(BPF_REG_6, BPF_REG_7, END - 11),
		LOAD_NUMBER(BPF_REG_7, trampolines[1]),
		IF_REGISTER(BPF_REG_6, BPF_REG_7, END - 14),

		SET(BPF_REG_1, 0),
		STORE(BPF_REG_10, -8, BPF_REG_1),
		LOAD_MAP(BPF_REG_1, map_fd),
		MOVE(BPF_REG_2, BPF_REG_10),
		ADD(BPF_REG_2, -8),
		CALL(map_lookup_elem),
		IF(BPF_REG_0, 0, END - 22),
		LOAD(BPF_REG_1, BPF_REG_0, offsetof(struct counter, is_on)),
		IF(BPF_REG_1, 0, END - 24),
		SET(BPF_REG_1, 1),
		ATOMIC_ADD(BPF_REG_0, offsetof(struct counter, count), BPF_REG_1),

		SET(BPF_REG_0, 0),
		EXIT,
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options);

	for (size_t i = READ_BEGIN; i < READ_END && !arch->return_in_memory; i++)
		code[i] = (struct bpf_insn)SET(BPF_REG_0, 0);
	if (is_multi)
		options.expected_attach_type = BPF_TRACE_KPROBE_MULTI;
	return bpf_prog_load(
		BPF_PROG_TYPE_KPROBE, "missed_returns", "GPL", code, ARRAY_SIZE(code), &options);
}

bool kprobe_missed_load(struct attachments *attachments, bool is_multi, struct kprobe_missed *ret)
{
	uint64_t trampolines[2] = {};

	*ret = (struct kprobe_missed){.program_fd = -1, .map_fd = -1};
	if (find_trampolines(attachments, trampolines) == 0)
		return false;
	ret->map_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "missed_returns", sizeof(uint32_t),
		sizeof(struct counter), 1, NULL);
	if (ret->map_fd >= 0)
		ret->program_fd = load(ret->map_fd, is_multi, trampolines);
	return ret->program_fd >= 0;
}

void kprobe_missed_deinit(struct kprobe_missed *missed)
{
	cleanup_close(&missed->program_fd);
	cleanup_close(&missed->map_fd);
}

void kprobe_missed_start(int map_fd)
{
	struct counter counter = {.is_on = 1};
	uint32_t key = 0;

	bpf_map_update_elem(map_fd, &key, &counter, BPF_ANY);
}

uint64_t kprobe_missed_count(int map_fd)
{
	struct counter counter = {};
	uint32_t key = 0;

	bpf_map_lookup_elem(map_fd, &key, &counter);
	return counter.count;
}
