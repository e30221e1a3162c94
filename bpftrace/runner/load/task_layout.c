/* SPDX-License-Identifier: Apache-2.0 */
#include "task_layout.h"

#include "libcommon/host/feature.h"
#include "libcommon/host/kbtf.h"

static struct error *find(struct kbtf *kbtf, struct constants *constants)
{
	struct kbtf_member members[] = {
		{.type = "task_struct", .name = "group_leader"},
		{.type = "task_struct", .name = "start_boottime"},
		{.type = "task_struct", .name = "self_exec_id"},
	};
	struct error *error = kbtf_members(kbtf, members, ARRAY_SIZE(members));

	if (error)
		return error;
	constants->task_leader = members[0].bits / 8;
	constants->task_birth = members[1].bits / 8;
	constants->task_execs = members[2].bits / 8;
	return NULL;
}

/* The verifier compares typed accesses with the running kernel's types, which those of a file may
 * differ from. */
struct error *task_layout_find(
	const struct host *host, const char *btf, uint64_t features, struct constants *constants)
{
	struct kbtf *kbtf = kbtf_new(host, *btf ? btf : NULL);
	struct error *error = find(kbtf, constants);

	constants->task_is_typed = !error && !*btf && features & FEATURE_BIT(FEATURE_TASK_BTF);
	kbtf_free(kbtf);
	return error;
}
