/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <bpf/bpf.h>

#include "attach/attach.h"
#include "show/show.h"

static void report_maps(const struct session *session)
{
	const struct manifest *manifest = &session->bundle.manifest;

	for (size_t i = 0; i < manifest->maps.count; i++) {
		uint64_t failed = session->state->maps[i].failures;

		if (failed)
			session->output->ops->refused(session->output, manifest->maps.items[i].name,
				failed, manifest->settings.max_map_keys);
	}
}

/* What the kernel's guard against recursion kept programs from seeing; the count is part of
 * struct bpf_prog_info since Linux 5.12. */
static uint64_t recursion_misses(const struct session *session)
{
	struct bpf_program *program;
	uint64_t misses = 0;

	bpf_object__for_each_program (program, session->object) {
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
	uint64_t missed = session->state->missed + recursion_misses(session);
	uint64_t overrun = attach_overrun(session);

	show_lost(session);
	report_maps(session);
	if (missed)
		session->output->ops->missed(session->output, missed);
	if (overrun)
		session->output->ops->overrun(session->output, overrun);
	if (session->unattached)
		session->output->ops->unattached(session->output, session->unattached);
}
