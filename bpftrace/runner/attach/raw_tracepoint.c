/* SPDX-License-Identifier: Apache-2.0 */
/* One link per raw tracepoint; those of system calls dispatch in the program itself. */
#include "attach.h"

#include <bpf/bpf.h>
#include <errno.h>

static struct error *open_link(struct attachments *attachments, uint32_t link,
	struct bpf_program *program, struct attachment *ret)
{
	const char *target = attachments->traced->bundle.manifest.links.items[link].target;
	int fd = bpf_raw_tracepoint_open(target, bpf_program__fd(program));

	if (fd < 0) {
		_cleanup_str_ struct str name = STR_INIT;

		str_printf(&name, "rawtracepoint:%s", target);
		return attach_failed(attachments, OBSTACLE_RAW_TRACEPOINT, str_text(&name), -fd);
	}
	attachment_add(ret, fd);
	return NULL;
}

const struct attach_ops attach_raw_tracepoint = {
	.program_type = BPF_PROG_TYPE_RAW_TRACEPOINT,
	.attach = open_link,
};

const struct attach_ops attach_syscall = {
	.program_type = BPF_PROG_TYPE_RAW_TRACEPOINT,
	.attach = open_link,
};
