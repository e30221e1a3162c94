/* SPDX-License-Identifier: Apache-2.0 */
#include "kprobe_multi.h"

#include <bpf/bpf.h>
#include <errno.h>

#include "libcommon/base/attributes.h"

int kprobe_multi_attach(int program_fd, const struct kprobe_multi *multi)
{
	LIBBPF_OPTS(bpf_link_create_opts, options);

	options.kprobe_multi.flags = multi->is_return ? BPF_F_KPROBE_MULTI_RETURN : 0;
	options.kprobe_multi.cnt = (uint32_t)multi->count;
	if (multi->addresses)
		options.kprobe_multi.addrs = (const unsigned long *)multi->addresses;
	else
		options.kprobe_multi.syms = multi->names;
	options.kprobe_multi.cookies = (const __u64 *)multi->cookies;
	return bpf_link_create(program_fd, 0, BPF_TRACE_KPROBE_MULTI, &options);
}

/* A kernel that knows these links looks for the addresses, which nobody can read there; one that
 * does not refuses the link as a whole. */
bool kprobe_multi_works(void)
{
	const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_KPROBE_MULTI);
	_cleanup_close_ int program_fd =
		bpf_prog_load(BPF_PROG_TYPE_KPROBE, NULL, "GPL", code, ARRAY_SIZE(code), &options);
	struct kprobe_multi multi = {.addresses = (const uint64_t *)1, .count = 1};

	if (program_fd < 0)
		return false;
	int fd = kprobe_multi_attach(program_fd, &multi);

	if (fd >= 0)
		close(fd);
	return fd == -EFAULT;
}
