/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Iterators: a link, and a file; reading it makes the kernel call the program for each object. A
 * pinned iterator stays as a file of a bpf file system.
 */
#include "attach.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "libcommon/base/log.h"

static struct error *prepare(
	struct attachments *attachments, uint32_t link, struct bpf_program *program)
{
	const struct manifest_probe *probe = attach_member(attachments, link);

	bpf_program__set_expected_attach_type(program, BPF_TRACE_ITER);
	int result = bpf_program__set_attach_target(program, 0, probe->event);

	if (result)
		return error_system(
			-result, "cannot attach %s: this kernel has no such iterator", probe->name);
	return NULL;
}

/* Only iterators over the objects of one thing have parameters that choose it. */
static int open_link(const struct manifest_probe *probe, int program_fd)
{
	LIBBPF_OPTS(bpf_link_create_opts, options);
	union bpf_iter_link_info info = {};

	/* Without a file descriptor these are the cgroups of the whole machine. */
	if (strcmp(probe->event, "cgroup") == 0) {
		info.cgroup.order = BPF_CGROUP_ITER_DESCENDANTS_PRE;
		options.iter_info = &info;
		options.iter_info_len = sizeof(info);
	}
	return bpf_link_create(program_fd, 0, BPF_TRACE_ITER, &options);
}

static struct error *pin(const struct manifest_probe *probe, int link_fd)
{
	int result = bpf_obj_pin(link_fd, probe->target);

	if (result == -EEXIST)
		return error_new(EEXIST, "cannot pin %s: %s exists; remove it first", probe->name,
			probe->target);
	if (result)
		return error_new(-result,
			"cannot pin %s at %s: %s; it must be a new file in a file system of type "
			"bpf, which \"mount -t bpf bpf /sys/fs/bpf\" provides",
			probe->name, probe->target, strerror(-result));
	log_notice("Program pinned to %s", probe->target);
	return NULL;
}

static struct error *attach(struct attachments *attachments, uint32_t link,
	struct bpf_program *program, struct attachment *ret)
{
	const struct manifest_probe *probe = attach_member(attachments, link);
	int fd = open_link(probe, bpf_program__fd(program));

	if (fd == -EINVAL || fd == -EBADF)
		return error_new(-fd,
			"cannot attach %s: this iterator walks over the objects of one map only, "
			"which cannot be named here",
			probe->name);
	if (fd < 0)
		return attach_failed(attachments, OBSTACLE_ITER, probe->name, -fd);
	attachment_add(ret, fd);
	if (attachments->dry_run)
		return NULL;
	if (probe->target && *probe->target) {
		attachments->is_pinned = true;
		return pin(probe, fd);
	}
	ret->walk_fd = bpf_iter_create(fd);
	if (ret->walk_fd < 0)
		return attach_failed(attachments, OBSTACLE_ITER, probe->name, -ret->walk_fd);
	attachment_add(ret, ret->walk_fd);
	return NULL;
}

static struct error *explain_load(const struct attachments *attachments, uint32_t link, int number)
{
	return attach_failed(
		attachments, OBSTACLE_ITER, attach_member(attachments, link)->name, number);
}

const struct attach_ops attach_iter = {
	.program_type = BPF_PROG_TYPE_TRACING,
	.explain_load = explain_load,
	.prepare = prepare,
	.attach = attach,
};
