/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of the kernel by their trampolines. Which function it is, is part of loading: libbpf
 * finds it in the types of the kernel, then in those of its modules.
 */
#include "attach.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/capability.h>

#define UNAVAILABLE "kfunc/kretfunc not available for your kernel version"

enum {
	ENOTSUPP = 524, /* the kernel's own, not in errno.h */
};

static struct error *prepare(struct session *session, uint32_t link, struct bpf_program *program)
{
	const struct manifest_probe *probe = attach_member(session, link);
	bool is_exit = session->bundle.manifest.links.items[link].attach == ATTACH_FEXIT;

	bpf_program__set_expected_attach_type(
		program, is_exit ? BPF_TRACE_FEXIT : BPF_TRACE_FENTRY);
	int result = bpf_program__set_attach_target(program, 0, probe->event);

	if (result == -ESRCH || result == -ENOENT)
		return error_new(-result,
			"cannot attach %s: the types of this kernel do not describe the function",
			probe->name);
	return result ? attach_failed(session, OBSTACLE_FENTRY, probe->name, -result) : NULL;
}

static struct error *attach(
	struct session *session, uint32_t link, struct bpf_program *program, struct attachment *ret)
{
	const struct manifest_probe *probe = attach_member(session, link);
	struct error *error = attach_muted(session, OBSTACLE_FENTRY, probe->name);

	if (error)
		return error;
	int fd = bpf_raw_tracepoint_open(NULL, bpf_program__fd(program));

	if (fd == -ENOTSUPP || fd == -EOPNOTSUPP)
		return error_new(EOPNOTSUPP, "cannot attach %s: " UNAVAILABLE "; use kprobe:%s",
			probe->name, probe->event);
	if (fd == -EBUSY)
		return error_new(EBUSY,
			"cannot attach %s: something else (live patching, ftrace) holds the "
			"function; use kprobe:%s",
			probe->name, probe->event);
	if (fd < 0)
		return attach_failed(session, OBSTACLE_FENTRY, probe->name, -fd);
	attachment_add(ret, fd);
	ret->slow = true;
	return NULL;
}

const struct attach_row attach_fentry = {
	.kind = ATTACH_FENTRY,
	.program_type = BPF_PROG_TYPE_TRACING,
	.unavailable = UNAVAILABLE,
	.prepare = prepare,
	.attach = attach,
};

const struct attach_row attach_fexit = {
	.kind = ATTACH_FEXIT,
	.program_type = BPF_PROG_TYPE_TRACING,
	.unavailable = UNAVAILABLE,
	.prepare = prepare,
	.attach = attach,
};
