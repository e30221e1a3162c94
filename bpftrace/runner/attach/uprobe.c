/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions in ELF files: one link per file where the kernel has such links (uprobe_multi.c), else
 * a perf event per function. Which of the two must be known before load, since the verifier is
 * told. The programs test the process themselves; the pid given here only spares other processes
 * the cost.
 */
#include "attach.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "bpftrace/runner/options.h"
#include "libcommon/base/alloc.h"
#include "libcommon/host/feature.h"
#include "perf_event.h"
#include "uprobe_multi.h"

#define PMU "/sys/bus/event_source/devices/uprobe/"

static struct error *prepare(
	struct session *session, uint32_t link _unused_, struct bpf_program *program)
{
	bool refused = session->options->disabled_features & FEATURE_BIT(FEATURE_UPROBE_MULTI);

	if (session->uprobes == UPROBES_UNKNOWN)
		session->uprobes =
			!refused && uprobe_multi_works() ? UPROBES_MULTI : UPROBES_SINGLE;
	if (session->uprobes == UPROBES_MULTI)
		bpf_program__set_expected_attach_type(
			program, (enum bpf_attach_type)UPROBE_MULTI_ATTACH_TYPE);
	return NULL;
}

/* Perf events of uprobes, unlike all others, are for CAP_SYS_ADMIN only on some kernels. */
static capability_set needs(const struct session *session)
{
	return session->uprobes == UPROBES_SINGLE ? CAPABILITY(CAP_SYS_ADMIN) : 0;
}

/* --- one link per file --- */

/* The members of a link that are in one file. */
struct group {
	const char *path;
	VEC(uint64_t) offsets;
	VEC(uint64_t) cookies;
	VEC(const struct manifest_probe *) probes;
};

static void group_deinit(struct group *group)
{
	vec_deinit(&group->offsets);
	vec_deinit(&group->cookies);
	vec_deinit(&group->probes);
}

static void group_fill(const struct session *session, uint32_t link, struct group *group)
{
	const struct manifest_probe *probe;

	attach_for_each_probe (session, link, probe) {
		if (strcmp(probe->target, group->path) != 0)
			continue;
		vec_push(&group->offsets, probe->address);
		vec_push(&group->cookies, probe->cookie);
		vec_push(&group->probes, probe);
	}
}

/* The kernel says nothing but no to the whole group: finds the member that it means. */
static struct error *blame(
	int program_fd, const struct uprobe_multi *multi, const struct group *group, int number)
{
	for (size_t i = 0; i < group->probes.count && group->probes.count > 1; i++) {
		struct uprobe_multi one = *multi;

		one.offsets += i;
		one.cookies += i;
		one.count = 1;
		int fd = uprobe_multi_attach(program_fd, &one);

		if (fd < 0)
			return attach_failed(group->probes.items[i]->name, -fd);
		close(fd);
	}
	return attach_failed(group->probes.items[0]->name, number);
}

static struct error *attach_group(const struct session *session, const struct group *group,
	bool is_return, int program_fd, struct attachment *ret)
{
	struct uprobe_multi multi = {
		.path = group->path,
		.offsets = group->offsets.items,
		.cookies = group->cookies.items,
		.count = (uint32_t)group->offsets.count,
		.is_return = is_return,
	};

	if (session->request.pid && uprobe_multi_knows_processes(program_fd))
		multi.pid = session->request.pid;
	int fd = uprobe_multi_attach(program_fd, &multi);

	if (fd < 0)
		return blame(program_fd, &multi, group, -fd);
	attachment_add(ret, fd);
	return NULL;
}

/* Whether an earlier member of the link is in the same file. */
static bool is_known(
	const struct session *session, uint32_t link, const struct manifest_probe *probe)
{
	const struct manifest_probe *other;

	attach_for_each_probe (session, link, other) {
		if (other == probe)
			return false;
		if (strcmp(other->target, probe->target) == 0)
			return true;
	}
	return false;
}

static struct error *attach_multi(
	struct session *session, uint32_t link, int program_fd, struct attachment *ret)
{
	bool is_return = session->bundle.manifest.links.items[link].is_return;
	const struct manifest_probe *probe;

	attach_for_each_probe (session, link, probe) {
		if (is_known(session, link, probe))
			continue;
		struct group group = {.path = probe->target};

		group_fill(session, link, &group);
		struct error *error = attach_group(session, &group, is_return, program_fd, ret);

		group_deinit(&group);
		if (error)
			return error;
	}
	return NULL;
}

/* --- a perf event per function --- */

/* A number in a file of the PMU: its type, or the bit after "config:". */
static struct error *pmu_number(const struct session *session, const char *path, uint32_t *ret)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct error *error = host_read_file(session->host, path, &text);

	if (error)
		return error_prefix(error, "this kernel has no uprobes");
	const char *colon = strchr(str_text(&text), ':');

	*ret = (uint32_t)strtoul(colon ? colon + 1 : str_text(&text), NULL, 10);
	return NULL;
}

static struct error *attach_singles(
	struct session *session, uint32_t link, int program_fd, struct attachment *ret)
{
	bool is_return = session->bundle.manifest.links.items[link].is_return;
	int cpu = perf_event_cpu(session->host);
	const struct manifest_probe *probe;
	uint32_t type = 0, return_bit = 0;
	struct error *error = pmu_number(session, PMU "type", &type);

	if (!error && is_return)
		error = pmu_number(session, PMU "format/retprobe", &return_bit);
	if (error)
		return error;
	attach_for_each_probe (session, link, probe) {
		struct perf_event_attr attr = {
			.size = sizeof(attr),
			.type = type,
			.config = is_return ? UINT64_C(1) << return_bit : 0,
			.uprobe_path = (uintptr_t)probe->target,
			.probe_offset = probe->address,
			.disabled = 1,
		};
		int fd = -1;
		int number = perf_event_attach(&attr, -1, cpu, program_fd, probe->cookie, &fd);

		if (number)
			return attach_failed(probe->name, number);
		attachment_add(ret, fd);
	}
	return NULL;
}

static struct error *attach(
	struct session *session, uint32_t link, struct bpf_program *program, struct attachment *ret)
{
	int program_fd = bpf_program__fd(program);

	ret->slow = true;
	return session->uprobes == UPROBES_MULTI ? attach_multi(session, link, program_fd, ret)
						 : attach_singles(session, link, program_fd, ret);
}

const struct attach_row attach_uprobe = {
	.kind = ATTACH_UPROBE,
	.program_type = BPF_PROG_TYPE_KPROBE,
	.needs = needs,
	.prepare = prepare,
	.attach = attach,
};
