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
#include "libcommon/host/feature.h"
#include "uprobe_file.h"
#include "uprobe_multi.h"

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

static void group_fill(const struct session *session, uint32_t link, struct group *group)
{
	const struct manifest_probe *probe;

	attach_for_each_probe (session, link, probe) {
		if (!is_same_file(probe, group->first))
			continue;
		vec_push(&group->offsets, probe->address);
		vec_push(&group->semaphores, probe->semaphore);
		vec_push(&group->cookies, probe->cookie);
		vec_push(&group->probes, probe);
	}
}

/* Whether the refusal is about some of the places, not about us. */
static bool is_about_members(int number)
{
	return number == EINVAL || number == UPROBE_ENOTSUPP || number == EOPNOTSUPP ||
	       number == EIO;
}

/* The kernel says nothing but no to a link as a whole: then its halves are tried, down to those
 * that it means. */
static struct error *attach_part(struct session *session, struct uprobe_multi multi,
	const struct manifest_probe *const *probes, int program_fd, struct attachment *ret)
{
	int fd = uprobe_multi_attach(program_fd, &multi);
	struct uprobe_multi rest = multi;
	uint32_t half = multi.count / 2;

	if (fd >= 0) {
		attachment_add(ret, fd);
		return NULL;
	}
	if (multi.count == 1)
		return attach_left_out(session, *probes,
			uprobe_file_failed(session, OBSTACLE_UPROBE_MULTI, *probes, -fd));
	if (!is_about_members(-fd))
		return uprobe_file_failed(session, OBSTACLE_UPROBE_MULTI, *probes, -fd);
	multi.count = half;
	rest.offsets += half;
	rest.semaphores += half;
	rest.cookies += half;
	rest.count -= half;

	struct error *error = attach_part(session, multi, probes, program_fd, ret);

	if (!error)
		error = attach_part(session, rest, probes + half, program_fd, ret);
	return error;
}

static struct error *attach_group(struct session *session, const struct group *group,
	bool is_return, int program_fd, struct attachment *ret)
{
	_cleanup_uprobe_file_ struct uprobe_file file = {.fd = -1};
	struct error *error = uprobe_file_open(session, group->first, &file);
	struct uprobe_multi multi = {
		.path = file.path,
		.offsets = group->offsets.items,
		.semaphores = group->semaphores.items,
		.cookies = group->cookies.items,
		.count = (uint32_t)group->offsets.count,
		.is_return = is_return,
	};

	if (error)
		return error;
	if (session_process(session) && uprobe_multi_knows_processes(program_fd))
		multi.pid = session_process(session);
	return attach_part(session, multi, group->probes.items, program_fd, ret);
}

/* Whether an earlier member of the link is in the same file. */
static bool is_known(
	const struct session *session, uint32_t link, const struct manifest_probe *probe)
{
	const struct manifest_probe *other;

	attach_for_each_probe (session, link, other) {
		if (other == probe)
			return false;
		if (is_same_file(other, probe))
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
		struct group group = {.first = probe};

		group_fill(session, link, &group);
		struct error *error = attach_group(session, &group, is_return, program_fd, ret);

		group_deinit(&group);
		if (error)
			return error;
	}
	return NULL;
}

/* --- a perf event per function --- */

static struct error *attach_singles(
	struct session *session, uint32_t link, int program_fd, struct attachment *ret)
{
	bool is_return = session->bundle.manifest.links.items[link].is_return;
	const struct manifest_probe *probe;
	struct error *error = NULL;

	attach_for_each_probe (session, link, probe) {
		if (error)
			break;
		error = uprobe_file_attach(session, probe, is_return, program_fd, ret);
		if (error && is_about_members(error->number))
			error = attach_left_out(session, probe, error);
	}
	return error;
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
