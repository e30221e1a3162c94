/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hardware breakpoints: at an address, in all threads of a process or on all CPUs, set when the
 * script is attached; or at what a function is called with, set by the watcher while it runs.
 */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "libcommon/host/procfs.h"
#include "perf_event.h"
#include "watcher.h"

static struct perf_event_attr attributes(
	const struct manifest_link *link, const struct manifest_probe *probe)
{
	return (struct perf_event_attr){
		.size = sizeof(struct perf_event_attr),
		.type = PERF_TYPE_BREAKPOINT,
		.bp_type = (uint32_t)link->perf_config,
		.bp_addr = probe->address,
		.bp_len = probe->length,
		.sample_period = 1,
		.disabled = 1,
	};
}

static struct error *failed(
	const struct attachments *attachments, const struct manifest_probe *probe, int number)
{
	const char *refusal = watcher_refusal(number);

	if (!refusal)
		return attach_failed(attachments, OBSTACLE_WATCHPOINT, probe->name, number);
	return error_new(number, "cannot attach %s: %s", probe->name, refusal);
}

/* --- addresses --- */

/* The kernel lets root alone watch its own memory. */
static capability_set needs(const struct attachments *attachments)
{
	return tracee_process(attachments->tracee) ? perf_event_needs(attachments)
						   : CAPABILITY(CAP_SYS_ADMIN);
}

static int attach_cpus(const struct attachments *attachments, const struct perf_event_attr *attr,
	int program_fd, uint64_t cookie, struct attachment *ret)
{
	procfs_cpus cpus = {};
	_cleanup_error_ struct error *error = procfs_online_cpus(attachments->host, &cpus);
	int number = error ? error->number : 0;

	for (size_t i = 0; i < cpus.count && !number; i++) {
		int fd = -1;

		number = perf_event_attach(attr, -1, (int)cpus.items[i], program_fd, cookie, &fd);
		if (!number)
			attachment_add(ret, fd);
	}
	vec_deinit(&cpus);
	return number;
}

static struct error *attach_address(struct attachments *attachments, uint32_t link,
	struct bpf_program *program, struct attachment *ret)
{
	const struct manifest_probe *probe = attach_member(attachments, link);
	struct perf_event_attr attr =
		attributes(&attachments->traced->bundle.manifest.links.items[link], probe);
	int fd = bpf_program__fd(program);
	int number = tracee_process(attachments->tracee)
			     ? perf_event_attach_process(attachments->host, &attr,
				       attachments->tracee->shown_pid, fd, probe->cookie, ret)
			     : attach_cpus(attachments, &attr, fd, probe->cookie, ret);

	return number ? failed(attachments, probe, number) : NULL;
}

/* --- arguments --- */

static capability_set argument_needs(const struct attachments *attachments)
{
	return perf_event_needs(attachments) | CAPABILITY(CAP_KILL) | CAPABILITY(CAP_SYS_ADMIN);
}

static struct error *attach_argument(struct attachments *attachments, uint32_t link,
	struct bpf_program *program, struct attachment *ret)
{
	const struct manifest_probe *probe = attach_member(attachments, link);
	struct perf_event_attr attr =
		attributes(&attachments->traced->bundle.manifest.links.items[link], probe);

	if (!tracee_process(attachments->tracee))
		return error_new(
			EINVAL, "cannot attach %s: it needs -p PID or -c COMMAND", probe->name);
	return watcher_start(attachments, probe, &attr, bpf_program__fd(program), ret);
}

const struct attach_ops attach_watchpoint = {
	.program_type = BPF_PROG_TYPE_PERF_EVENT,
	.needs = needs,
	.attach = attach_address,
};

const struct attach_ops attach_watch_argument = {
	.program_type = BPF_PROG_TYPE_PERF_EVENT,
	.needs = argument_needs,
	.attach = attach_argument,
};

/* --- unwatch() --- */

void watchpoint_forget(struct attachments *attachments, uint64_t address)
{
	for (uint32_t i = 0; i < attachments->traced->bundle.manifest.links.count; i++) {
		struct attachment *attachment = attachments->items[i];

		if (!attachment)
			continue;
		if (attachment->ops == &attach_watch_argument) {
			watcher_forget(attachment, address);
		} else if (attachment->ops == &attach_watchpoint &&
			   attach_member(attachments, i)->address == address) {
			attachment_deinit(attachment);
			attachments->items[i] = NULL;
		}
	}
}
