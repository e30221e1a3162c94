/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tracepoints whose programs get the formatted record: one perf event each. The event is opened on
 * one CPU; the program hangs on the tracepoint itself and sees all CPUs.
 */
#include "attach.h"

#include <errno.h>
#include <stdlib.h>

#include "libcommon/base/alloc.h"
#include "libcommon/host/tracefs.h"
#include "perf_event.h"

static struct error *read_id(
	const struct attachments *attachments, const struct manifest_probe *probe, uint64_t *ret)
{
	const char *tracefs = NULL;
	_cleanup_free_ char *path = NULL;
	_cleanup_str_ struct str text = STR_INIT;
	struct error *error = tracefs_find(attachments->host, &tracefs);

	if (error)
		return error_prefix(error, "cannot attach %s", probe->name);
	path = xasprintf("%s/events/%s/%s/id", tracefs, probe->target, probe->event);
	error = host_read_file(attachments->host, path, &text);
	if (error && error->number == ENOENT) {
		error_free(error);
		return attach_failed(attachments, OBSTACLE_TRACEPOINT, probe->name, ENOENT);
	}
	if (error)
		return error_prefix(error, "cannot attach %s", probe->name);
	*ret = strtoull(str_text(&text), NULL, 10);
	return NULL;
}

static struct error *attach_one(struct attachments *attachments, const struct manifest_probe *probe,
	int cpu, int program_fd, struct attachment *ret)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_TRACEPOINT,
		.disabled = 1,
	};
	uint64_t id = 0;
	int fd = -1;
	struct error *error = read_id(attachments, probe, &id);

	if (error)
		return error;
	attr.config = id;
	int number = perf_event_attach(&attr, -1, cpu, program_fd, probe->cookie, &fd);

	if (number)
		return attach_failed(attachments, OBSTACLE_TRACEPOINT, probe->name, number);
	attachment_add(ret, fd);
	return NULL;
}

static struct error *attach(struct attachments *attachments, uint32_t link,
	struct bpf_program *program, struct attachment *ret)
{
	int cpu = perf_event_cpu(attachments->host);
	const struct manifest_probe *probe;
	struct error *error = NULL;

	ret->slow = true;
	attach_for_each_probe (attachments, link, probe) {
		if (error || waiter_interrupted(attachments->waiter))
			break;
		error = attach_one(attachments, probe, cpu, bpf_program__fd(program), ret);
	}
	return error;
}

const struct attach_ops attach_tracepoint = {
	.program_type = BPF_PROG_TYPE_TRACEPOINT,
	.needs = perf_event_needs,
	.attach = attach,
};
