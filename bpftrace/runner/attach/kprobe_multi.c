/* SPDX-License-Identifier: Apache-2.0 */
#include "kprobe_multi.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "libcommon/base/attributes.h"

/* The part of union bpf_attr for BPF_LINK_CREATE; libbpf knows sessions from 1.5 on only. */
struct link_create {
	uint32_t program_fd;
	uint32_t target_fd;
	uint32_t attach_type;
	uint32_t flags;
	uint32_t multi_flags;
	uint32_t count;
	uint64_t names;
	uint64_t addresses;
	uint64_t cookies;
};
_Static_assert(sizeof(struct link_create) == 48, "the layout is the kernel's");

int kprobe_multi_attach(int program_fd, const struct kprobe_multi *multi)
{
	struct link_create attr = {
		.program_fd = (uint32_t)program_fd,
		.attach_type =
			multi->is_session ? KPROBE_SESSION_ATTACH_TYPE : BPF_TRACE_KPROBE_MULTI,
		.multi_flags = multi->is_return ? BPF_F_KPROBE_MULTI_RETURN : 0,
		.count = (uint32_t)multi->count,
		.names = multi->addresses ? 0 : (uintptr_t)multi->names,
		.addresses = (uintptr_t)multi->addresses,
		.cookies = (uintptr_t)multi->cookies,
	};
	int fd = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));

	return fd < 0 ? -errno : fd;
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
