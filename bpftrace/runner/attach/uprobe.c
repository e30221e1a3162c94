/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions in ELF files: one link per file where the kernel has such links (uprobe_multi.c), else
 * a perf event per function. Which of the two must be known before load, since it is the
 * program's expected attach type. The programs test the process themselves; the pid given here only
 * spares other processes the cost.
 */
#include "attach.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "bisect.h"
#include "libcommon/host/feature.h"
#include "uapi.h"
#include "uprobe_file.h"
#include "uprobe_multi.h"
#include "uprobe_trial.h"

static struct error *prepare(
	struct attachments *attachments, uint32_t link _unused_, struct bpf_program *program)
{
	bool refused = attachments->disabled_features & FEATURE_BIT(FEATURE_UPROBE_MULTI);

	if (attachments->uprobes == UPROBES_UNKNOWN)
		attachments->uprobes =
			!refused && uprobe_multi_works() ? UPROBES_MULTI : UPROBES_SINGLE;
	if (attachments->uprobes == UPROBES_MULTI)
		bpf_program__set_expected_attach_type(
			program, (enum bpf_attach_type)UAPI_TRACE_UPROBE_MULTI);
	return NULL;
}

/* Perf events of uprobes, unlike all others, are for CAP_SYS_ADMIN only on some kernels. Links of
 * /proc that lead to files of processes are for those who may trace these. */
static capability_set needs(const struct attachments *attachments)
{
	capability_set set = attachments->uprobes == UPROBES_SINGLE ? CAPABILITY(CAP_SYS_ADMIN) : 0;
	const struct manifest_probe *probe;

	vec_for_each (&attachments->traced->bundle.manifest.probes, probe) {
		if (probe->target && uprobe_file_needs_processes(attachments, probe))
			return set | PRIVILEGES_OF_FILES;
	}
	return set;
}

/* --- one link per file --- */

/* The members of a link that are in one file. */
struct group {
	const struct manifest_probe *first;
	VEC(uint64_t) offsets;
	VEC(uint64_t) semaphores;
	VEC(uint64_t) cookies;
	VEC(const struct manifest_probe *) probes;
};

static void group_deinit(struct group *group)
{
	vec_deinit(&group->offsets);
	vec_deinit(&group->semaphores);
	vec_deinit(&group->cookies);
	vec_deinit(&group->probes);
}

static bool is_same_file(const struct manifest_probe *a, const struct manifest_probe *b)
{
	return a->process == b->process && strcmp(a->target, b->target) == 0;
}

/* Returns an error when the kernel cannot probe the place, or adds an optional one to those that
 * were skipped. */
static struct error *check_place(struct attachments *attachments,
	const struct manifest_probe *probe, int program_fd, bool *ret_skipped)
{
	int number = uprobe_trial(attachments, probe, program_fd);

	*ret_skipped = number;
	return number ? attach_skip_optional(attachments, probe,
				uprobe_file_failed(attachments, OBSTACLE_UPROBE, probe, number))
		      : NULL;
}

static struct error *group_fill(
	struct attachments *attachments, uint32_t link, int program_fd, struct group *group)
{
	const struct manifest_probe *probe;

	attach_for_each_probe (attachments, link, probe) {
		bool is_skipped = false;
		struct error *error = NULL;

		if (!is_same_file(probe, group->first))
			continue;
		error = check_place(attachments, probe, program_fd, &is_skipped);
		if (error)
			return error;
		if (is_skipped)
			continue;
		vec_push(&group->offsets, probe->address);
		vec_push(&group->semaphores, probe->semaphore);
		vec_push(&group->cookies, probe->cookie);
		vec_push(&group->probes, probe);
	}
	return NULL;
}

/* Whether the refusal is about some of the places, not about the link. */
static bool is_about_members(int number)
{
	return number == EINVAL || number == UPROBE_ENOTSUPP || number == EOPNOTSUPP ||
	       number == EIO;
}

/* The members of a file while they are attached. */
struct attempt {
	struct attachments *attachments;
	const struct group *group;
	struct uprobe_multi multi; /* for all members */
	int program_fd;
};

static int try_to_attach(void *context, size_t first, size_t count)
{
	const struct attempt *attempt = context;
	struct uprobe_multi multi = attempt->multi;

	multi.offsets += first;
	multi.semaphores += first;
	multi.cookies += first;
	multi.count = (uint32_t)count;
	return uprobe_multi_attach(attempt->program_fd, &multi);
}

static struct error *failed(void *context, size_t first, int number)
{
	const struct attempt *attempt = context;

	return uprobe_file_failed(attempt->attachments, OBSTACLE_UPROBE_MULTI,
		attempt->group->probes.items[first], number);
}

static struct error *refused(void *context, size_t member, int number)
{
	const struct attempt *attempt = context;

	return attach_skip_optional(attempt->attachments, attempt->group->probes.items[member],
		failed(context, member, number));
}

static struct error *attach_group(struct attachments *attachments, const struct group *group,
	bool is_return, int program_fd, struct attachment *ret)
{
	_cleanup_uprobe_file_ struct uprobe_file file = {.fd = -1};
	struct error *error = uprobe_file_open(attachments, group->first, &file);
	struct attempt attempt = {
		.attachments = attachments,
		.group = group,
		.multi = {.path = file.path,
			.offsets = group->offsets.items,
			.semaphores = group->semaphores.items,
			.cookies = group->cookies.items,
			.is_return = is_return},
		.program_fd = program_fd,
	};
	const struct bisect bisect = {
		.context = &attempt,
		.create = try_to_attach,
		.is_about_members = is_about_members,
		.refused = refused,
		.failed = failed,
	};

	if (error)
		return error;
	if (tracee_process(attachments->tracee) && uprobe_multi_knows_processes(program_fd))
		attempt.multi.pid = tracee_process(attachments->tracee);
	return bisect_attach(&bisect, attachments->waiter, group->probes.count, ret);
}

/* Whether an earlier member of the link is in the same file. */
static bool is_known(
	const struct attachments *attachments, uint32_t link, const struct manifest_probe *probe)
{
	const struct manifest_probe *other;

	attach_for_each_probe (attachments, link, other) {
		if (other == probe)
			return false;
		if (is_same_file(other, probe))
			return true;
	}
	return false;
}

static struct error *attach_multi(
	struct attachments *attachments, uint32_t link, int program_fd, struct attachment *ret)
{
	bool is_return = attachments->traced->bundle.manifest.links.items[link].is_return;
	const struct manifest_probe *probe;

	attach_for_each_probe (attachments, link, probe) {
		if (is_known(attachments, link, probe))
			continue;
		if (waiter_interrupted(attachments->waiter))
			break;
		struct group group = {.first = probe};

		struct error *error = group_fill(attachments, link, program_fd, &group);

		if (!error && group.probes.count)
			error = attach_group(attachments, &group, is_return, program_fd, ret);
		group_deinit(&group);
		if (error)
			return error;
	}
	return NULL;
}

/* --- a perf event per function --- */

static struct error *attach_singles(
	struct attachments *attachments, uint32_t link, int program_fd, struct attachment *ret)
{
	bool is_return = attachments->traced->bundle.manifest.links.items[link].is_return;
	const struct manifest_probe *probe;
	struct error *error = NULL;

	attach_for_each_probe (attachments, link, probe) {
		bool is_skipped = false;

		if (error || waiter_interrupted(attachments->waiter))
			break;
		error = check_place(attachments, probe, program_fd, &is_skipped);
		if (error || is_skipped)
			continue;
		error = uprobe_file_attach(attachments, probe, is_return, program_fd, ret);
		if (error && is_about_members(error->number))
			error = attach_skip_optional(attachments, probe, error);
	}
	return error;
}

static struct error *attach(struct attachments *attachments, uint32_t link,
	struct bpf_program *program, struct attachment *ret)
{
	int program_fd = bpf_program__fd(program);

	ret->slow = true;
	return attachments->uprobes == UPROBES_MULTI
		       ? attach_multi(attachments, link, program_fd, ret)
		       : attach_singles(attachments, link, program_fd, ret);
}

const struct attach_ops attach_uprobe = {
	.program_type = BPF_PROG_TYPE_KPROBE,
	.needs = needs,
	.prepare = prepare,
	.runs_last_first = attach_last_first,
	.attach = attach,
};
