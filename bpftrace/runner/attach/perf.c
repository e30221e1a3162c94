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

/* The kernel refuses too high a frequency without a word. */
static struct error *failed(const struct session *session, const struct manifest_link *link,
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
		return attach_failed(session, OBSTACLE_PERF, probe->name, number);
	error_free(host_read_file(
		session->host, "/proc/sys/kernel/perf_event_max_sample_rate", &limit));
	return error_new(number,
		"cannot attach %s: the kernel allows at most %lu events a second and CPU "
		"(kernel.perf_event_max_sample_rate)",
		probe->name, strtoul(str_text(&limit), NULL, 10));
}

/* With -p and -c only timers that do not sample are for all. */
static struct error *attach_process(
	struct session *session, uint32_t link, struct bpf_program *program, struct attachment *ret)
{
	const struct manifest_link *row = &session->bundle.manifest.links.items[link];
	const struct manifest_probe *probe = attach_member(session, link);
	struct perf_event_attr attr = attributes(row);
	int number = perf_event_attach_process(session->host, &attr, session_process(session),
		bpf_program__fd(program), probe->cookie, ret);

	return number ? failed(session, row, probe, number) : NULL;
}

static struct error *attach(
	struct session *session, uint32_t link, struct bpf_program *program, struct attachment *ret)
{
	const struct manifest_link *row = &session->bundle.manifest.links.items[link];
	const struct manifest_probe *probe = attach_member(session, link);
	struct perf_event_attr attr = attributes(row);
	procfs_cpus cpus = {};

	if (session_process(session) && !row->one_cpu)
		return attach_process(session, link, program, ret);

	struct error *error = procfs_online_cpus(session->host, &cpus);
	int number = ENODEV;

	for (size_t i = 0; i < cpus.count && !error; i++) {
		int fd = -1;

		number = perf_event_attach(&attr, -1, (int)cpus.items[i], bpf_program__fd(program),
			probe->cookie, &fd);
		/* A CPU may have gone off meanwhile. */
		if (number && (number != ENODEV || ret->count == 0))
			error = failed(session, row, probe, number);
		if (number == 0)
			attachment_add(ret, fd);
		if (row->one_cpu)
			break;
	}
	vec_deinit(&cpus);
	return error;
}

const struct attach_row attach_perf = {
	.kind = ATTACH_PERF,
	.program_type = BPF_PROG_TYPE_PERF_EVENT,
	.needs = perf_event_needs,
	.attach = attach,
};
