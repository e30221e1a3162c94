/* SPDX-License-Identifier: Apache-2.0 */
#include "uprobe_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "perf_event.h"

enum { SEMAPHORE_SHIFT = 32 }; /* of the counter's offset in perf_event_attr.config */

#define PMU "/sys/bus/event_source/devices/uprobe/"

void uprobe_file_close(struct uprobe_file *file)
{
	cleanup_close(&file->fd);
}

struct error *uprobe_file_open(
	const struct session *session, const struct manifest_probe *probe, struct uprobe_file *ret)
{
	const struct processes *processes = &session->request.processes;
	const struct process_root *root;

	ret->fd = -1;
	ret->path = probe->target;
	if (!probe->process)
		return NULL;
	vec_for_each (&processes->roots, root) {
		if (root->pid != probe->process)
			continue;
		struct error *error = host_open(&root->host, probe->target, O_PATH, &ret->fd);

		snprintf(ret->own, sizeof(ret->own), "/proc/self/fd/%d", ret->fd);
		ret->path = ret->own;
		return error ? error_prefix(error, "cannot attach %s", probe->name) : NULL;
	}
	return error_new(ESRCH,
		"cannot attach %s: its file is one of process %d, which is not the "
		"one that is traced",
		probe->name, probe->process);
}

/* What all members of a link have in common. */
static struct error *pmu_attributes(
	const struct session *session, bool is_return, struct perf_event_attr *ret)
{
	struct perf_unit unit = {};
	struct error *error = perf_event_unit(session->host, PMU, is_return, &unit);

	if (error)
		return error_prefix(error, "this kernel has no uprobes");
	*ret = (struct perf_event_attr){
		.size = sizeof(*ret),
		.type = unit.type,
		.config = unit.config,
		.disabled = 1,
	};
	return NULL;
}

struct error *uprobe_file_failed(const struct session *session, enum obstacle kind,
	const struct manifest_probe *probe, int number)
{
	if (number == UPROBE_ENOTSUPP)
		return error_new(number,
			"cannot attach %s: the kernel cannot take over the instruction there",
			probe->name);
	return attach_failed(session, kind, probe->name, number);
}

struct error *uprobe_file_attach(const struct session *session, const struct manifest_probe *probe,
	bool is_return, int program_fd, struct attachment *ret)
{
	_cleanup_uprobe_file_ struct uprobe_file file = {.fd = -1};
	struct perf_event_attr attr;
	struct error *error = pmu_attributes(session, is_return, &attr);
	int fd = -1;

	if (!error)
		error = uprobe_file_open(session, probe, &file);
	if (error)
		return error;
	attr.config |= probe->semaphore << SEMAPHORE_SHIFT;
	attr.uprobe_path = (uintptr_t)file.path;
	attr.probe_offset = probe->address;

	int number = perf_event_attach(
		&attr, -1, perf_event_cpu(session->host), program_fd, probe->cookie, &fd);

	if (number)
		return uprobe_file_failed(session, OBSTACLE_UPROBE, probe, number);
	attachment_add(ret, fd);
	return NULL;
}
