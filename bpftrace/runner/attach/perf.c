/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Perf software and hardware events (profile, interval, software, hardware): one on each CPU that
 * is on, or on a single one.
 */
#include "attach.h"

#include <errno.h>
#include <stdlib.h>

#include "libcommon/host/procfs.h"
#include "perf_event.h"

static struct perf_event_attr attributes(const struct manifest_link *link)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = link->perf_type,
		.config = link->perf_config,
		.disabled = 1,
		.freq = link->by_frequency,
	};

	if (link->by_frequency)
		attr.sample_freq = link->period;
	else
		attr.sample_period = link->period;
	return attr;
}

/* EINVAL is also the kernel's answer to too high a frequency. */
static struct error *failed(const struct attachments *attachments, const struct manifest_link *link,
	const struct manifest_probe *probe, int number)
{
	_cleanup_str_ struct str limit = STR_INIT;

	if (link->perf_type == PERF_TYPE_HARDWARE && (number == ENOENT || number == EOPNOTSUPP))
		return error_new(number, "cannot attach %s: %s", probe->name,
			perf_event_has_hardware()
				? "the CPU does not count such events"
				: "this machine has no hardware counters, as is usual in "
				  "virtual machines; software: events are everywhere");
	if (number != EINVAL || !link->by_frequency)
		return attach_failed(attachments, OBSTACLE_PERF, probe->name, number);
	error_free(host_read_file(
		attachments->host, "/proc/sys/kernel/perf_event_max_sample_rate", &limit));
	return error_new(number,
		"cannot attach %s: the kernel allows at most %lu events a second and CPU "
		"(kernel.perf_event_max_sample_rate)",
		probe->name, strtoul(str_text(&limit), NULL, 10));
}

/* With -p and -c only timers that do not sample are for all. */
static struct error *attach_process(struct attachments *attachments, uint32_t link,
	struct bpf_program *program, struct attachment *ret)
{
	const struct manifest_link *manifest_link =
		&attachments->traced->bundle.manifest.links.items[link];
	const struct manifest_probe *probe = attach_member(attachments, link);
	struct perf_event_attr attr = attributes(manifest_link);
	int number = perf_event_attach_process(attachments->host, &attr,
		attachments->tracee->shown_pid, bpf_program__fd(program), probe->cookie, ret);

	return number ? failed(attachments, manifest_link, probe, number) : NULL;
}

static struct error *attach(struct attachments *attachments, uint32_t link,
	struct bpf_program *program, struct attachment *ret)
{
	const struct manifest_link *manifest_link =
		&attachments->traced->bundle.manifest.links.items[link];
	const struct manifest_probe *probe = attach_member(attachments, link);
	struct perf_event_attr attr = attributes(manifest_link);
	procfs_cpus cpus = {};

	if (tracee_process(attachments->tracee) && !manifest_link->one_cpu)
		return attach_process(attachments, link, program, ret);

	struct error *error = procfs_online_cpus(attachments->host, &cpus);
	int number = ENODEV;

	for (size_t i = 0; i < cpus.count && !error; i++) {
		int fd = -1;

		number = perf_event_attach(&attr, -1, (int)cpus.items[i], bpf_program__fd(program),
			probe->cookie, &fd);
		/* A CPU may have gone off meanwhile. */
		if (number && (number != ENODEV || ret->count == 0))
			error = failed(attachments, manifest_link, probe, number);
		if (number == 0)
			attachment_add(ret, fd);
		if (manifest_link->one_cpu)
			break;
	}
	vec_deinit(&cpus);
	return error;
}

const struct attach_ops attach_perf = {
	.program_type = BPF_PROG_TYPE_PERF_EVENT,
	.needs = perf_event_needs,
	.attach = attach,
};
