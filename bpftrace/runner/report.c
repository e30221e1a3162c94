/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <bpf/bpf.h>

#include "attach/attach.h"
#include "bpftrace/door/stack.h"
#include "show/show.h"

static void report(const struct session *session, enum loss_kind kind, uint64_t count)
{
	struct output *out = session->output;

	if (count)
		show_loss(out, &(struct loss){.kind = kind, .count = count});
}

/* The script may declare another limit than that of the settings. */
static void report_map(
	const struct session *session, const struct manifest_map *row, uint64_t count)
{
	const struct bpf_map *map =
		bpf_object__find_map_by_name(session->traced.object, row->symbol);
	struct loss loss = {
		.kind = LOSS_UPDATES,
		.count = count,
		.map = row->name,
		.limit = session->traced.bundle.manifest.settings.max_map_keys,
	};

	if (map && row->keyed && bpf_map__max_entries(map) != loss.limit) {
		loss.kind = LOSS_DECLARED_UPDATES;
		loss.limit = bpf_map__max_entries(map);
	}
	if (loss.count)
		show_loss(session->output, &loss);
}

static void report_maps(const struct session *session)
{
	const struct manifest *manifest = &session->traced.bundle.manifest;

	for (size_t i = 0; i < manifest->maps.count; i++)
		report_map(
			session, &manifest->maps.items[i], session->traced.state->maps[i].failures);
}

static void report_stacks(const struct session *session)
{
	const struct traced *traced = &session->traced;
	const struct bpf_map *map = bpf_object__find_map_by_name(traced->object, MAP_STACKS);
	struct loss lost = {.kind = LOSS_STACKS, .count = traced->state->lost_stacks};

	if (!map)
		return;
	lost.limit = bpf_map__max_entries(map);
	if (lost.count)
		show_loss(session->output, &lost);
	report(session, LOSS_UNSTORED_STACKS, traced->state->unstored_stacks);
	report(session, LOSS_MIXED_STACKS, traced->state->mixed_stacks);
}

/* Events for which the kernel's guard against recursion did not run programs; counted since Linux
 * 5.12. */
static uint64_t recursion_misses(const struct session *session)
{
	struct bpf_program *program;
	uint64_t misses = 0;

	bpf_object__for_each_program (program, session->traced.object) {
		struct bpf_prog_info info = {};
		uint32_t size = sizeof(info);

		if (bpf_program__fd(program) >= 0 &&
			bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0)
			misses += info.recursion_misses;
	}
	return misses;
}

void report_losses(struct session *session)
{
	const volatile struct state *state = session->traced.state;

	show_lost(session->output, &session->traced);
	report_maps(session);
	report_stacks(session);
	report(session, LOSS_MISSED_EVENTS, state->missed + recursion_misses(session));
	report(session, LOSS_MISSED_RETURNS, attach_missed_returns(&session->attachments));
	report(session, LOSS_LEFT_OUT, session->actions.left_out);
	report(session, LOSS_UNATTACHED, session->attachments.skipped);
}
