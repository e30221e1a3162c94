/* SPDX-License-Identifier: Apache-2.0 */
#include "uprobe_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "perf_event.h"

enum { SEMAPHORE_SHIFT = 32 }; /* of the counter's offset in perf_event_attr.config */

#define PMU "/sys/bus/event_source/devices/uprobe/"

void uprobe_file_close(struct uprobe_file *file)
{
	cleanup_close(&file->fd);
}

/* The number of the root that the probe's file is below, 0 for the runner's; false when it is not
 * known. */
static bool find_root(
	const struct attachments *attachments, const struct manifest_probe *probe, uint32_t *ret)
{
	const struct processes *processes = &attachments->broker->processes;

	*ret = 0;
	if (!probe->process)
		return true;
	for (uint32_t i = 0; i < processes->roots.count; i++) {
		if (processes->roots.items[i].pid == probe->process)
			*ret = i + 1;
	}
	return *ret > 0;
}

/* The file that the compiler has read, if the runner opened it. */
static int find_opened(const struct attachments *attachments, const struct manifest_probe *probe)
{
	uint32_t root;

	return probe->target && find_root(attachments, probe, &root)
		       ? broker_find(attachments->broker, root, probe->target)
		       : -1;
}

bool uprobe_file_is_of(const struct attachments *attachments, const struct broker_file *file,
	const struct manifest_probe *probe)
{
	return find_opened(attachments, probe) == file->fd;
}

bool uprobe_file_needs_processes(
	const struct attachments *attachments, const struct manifest_probe *probe)
{
	return !probe->process && strncmp(probe->target, "/proc/", strlen("/proc/")) == 0 &&
	       find_opened(attachments, probe) < 0;
}

static void name_descriptor(struct uprobe_file *file, int fd)
{
	snprintf(file->own, sizeof(file->own), "/proc/self/fd/%d", fd);
	file->path = file->own;
}

struct error *uprobe_file_open(const struct attachments *attachments,
	const struct manifest_probe *probe, struct uprobe_file *ret)
{
	int opened_fd = find_opened(attachments, probe);
	uint32_t root;

	ret->fd = -1;
	ret->path = probe->target;
	if (!find_root(attachments, probe, &root))
		return error_new(ESRCH,
			"cannot attach %s: its file is one of process %d, which is not the "
			"one that is traced",
			probe->name, probe->process);
	if (opened_fd >= 0) {
		name_descriptor(ret, opened_fd);
	} else if (root) {
		struct error *error =
			host_open(&attachments->broker->processes.roots.items[root - 1].host,
				probe->target, O_PATH, &ret->fd);

		if (error)
			return error_prefix(error, "cannot attach %s", probe->name);
		name_descriptor(ret, ret->fd);
	}
	return NULL;
}

/* What all members of a link have in common. */
static struct error *pmu_attributes(
	const struct attachments *attachments, bool is_return, struct perf_event_attr *ret)
{
	struct perf_unit unit = {};
	struct error *error = perf_event_unit(attachments->host, PMU, is_return, &unit);

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

struct error *uprobe_file_failed(const struct attachments *attachments, enum obstacle kind,
	const struct manifest_probe *probe, int number)
{
	if (number == UPROBE_ENOTSUPP)
		return error_new(number,
			"cannot attach %s: the kernel cannot probe the instruction there",
			probe->name);
	return attach_failed(attachments, kind, probe->name, number);
}

struct error *uprobe_file_attach(const struct attachments *attachments,
	const struct manifest_probe *probe, bool is_return, int program_fd, struct attachment *ret)
{
	_cleanup_uprobe_file_ struct uprobe_file file = {.fd = -1};
	struct perf_event_attr attr;
	struct error *error = pmu_attributes(attachments, is_return, &attr);
	int fd = -1;

	if (!error)
		error = uprobe_file_open(attachments, probe, &file);
	if (error)
		return error;
	attr.config |= probe->semaphore << SEMAPHORE_SHIFT;
	attr.uprobe_path = (uintptr_t)file.path;
	attr.probe_offset = probe->address;

	int number = perf_event_attach(
		&attr, -1, perf_event_cpu(attachments->host), program_fd, probe->cookie, &fd);

	if (number)
		return uprobe_file_failed(attachments, OBSTACLE_UPROBE, probe, number);
	attachment_add(ret, fd);
	return NULL;
}

int uprobe_file_try(
	const struct attachments *attachments, const struct manifest_probe *probe, const char *path)
{
	struct perf_event_attr attr;
	_cleanup_error_ struct error *error = pmu_attributes(attachments, false, &attr);
	_cleanup_close_ int fd = -1;

	if (error)
		return error->number;
	attr.uprobe_path = (uintptr_t)path;
	attr.probe_offset = probe->address;
	fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? errno : 0;
}
