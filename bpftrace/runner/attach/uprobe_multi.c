/* SPDX-License-Identifier: Apache-2.0 */
#include "uprobe_multi.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "libcommon/base/attributes.h"
#include "uapi.h"

int uprobe_multi_attach(int program_fd, const struct uprobe_multi *multi)
{
	struct uapi_uprobe_multi attr = {
		.program_fd = (uint32_t)program_fd,
		.attach_type = UAPI_TRACE_UPROBE_MULTI,
		.path = (uintptr_t)multi->path,
		.offsets = (uintptr_t)multi->offsets,
		.reference_counters = (uintptr_t)multi->semaphores,
		.cookies = (uintptr_t)multi->cookies,
		.count = multi->count,
		.multi_flags = multi->is_return ? UAPI_UPROBE_MULTI_RETURN : 0,
		.pid = (uint32_t)multi->pid,
	};
	int fd = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));

	return fd < 0 ? -errno : fd;
}

/* Tries a link to a directory, which always fails: with EBADF where the kernel has these links,
 * with EINVAL where it refuses the pid before. */
static int try_directory(int program_fd, pid_t pid)
{
	uint64_t offset = 0;
	struct uprobe_multi multi = {.path = "/", .offsets = &offset, .count = 1, .pid = pid};
	int fd = uprobe_multi_attach(program_fd, &multi);

	if (fd >= 0)
		close(fd);
	return fd;
}

bool uprobe_multi_works(void)
{
	const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options,
		.expected_attach_type = (enum bpf_attach_type)UAPI_TRACE_UPROBE_MULTI);
	_cleanup_close_ int program_fd =
		bpf_prog_load(BPF_PROG_TYPE_KPROBE, NULL, "GPL", code, ARRAY_SIZE(code), &options);

	return program_fd >= 0 && try_directory(program_fd, 0) == -EBADF;
}

bool uprobe_multi_knows_processes(int program_fd)
{
	return try_directory(program_fd, -1) == -EINVAL;
}
