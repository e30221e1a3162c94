/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of the kernel and its modules by their trampolines. Which function it is, is part of
 * loading (trampoline.h).
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/capability.h>

#include "trampoline.h"

#define UNAVAILABLE "kfunc/kretfunc not available for your kernel version"

enum {
	ENOTSUPP = 524, /* the kernel's own, not in errno.h */
};

/* The function's module has no types, or they lack it. */
static struct error *undescribed(const struct manifest_probe *probe)
{
	if (!probe->target || !*probe->target)
		return error_new(ENOENT,
			"cannot attach %s: the types of this kernel do not describe the function",
			probe->name);
	return error_new(ENOENT,
		"cannot attach %s: the types of this kernel do not describe the function of the "
		"module %s; use kprobe:%s:%s",
		probe->name, probe->target, probe->target, probe->event);
}

static struct error *prepare(struct session *session, uint32_t link, struct bpf_program *program)
{
	const struct manifest_probe *probe = attach_member(session, link);
	bool is_exit = session->bundle.manifest.links.items[link].attach == ATTACH_FEXIT;
	uint32_t id = 0;
	struct error *error = trampolines_find(session, link, &id);

	bpf_program__set_expected_attach_type(
		program, is_exit ? BPF_TRACE_FEXIT : BPF_TRACE_FENTRY);
	if (error)
		return error_prefix(error, "cannot attach %s", probe->name);
	return id ? NULL : undescribed(probe);
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
	.section = "fentry",
	.hand_over = trampolines_hand_over,
	.unavailable = UNAVAILABLE,
	.prepare = prepare,
	.attach = attach,
};

const struct attach_row attach_fexit = {
	.kind = ATTACH_FEXIT,
	.program_type = BPF_PROG_TYPE_TRACING,
	.section = "fexit",
	.hand_over = trampolines_hand_over,
	.unavailable = UNAVAILABLE,
	.prepare = prepare,
	.attach = attach,
};
