/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch.h"

#include <errno.h>

static struct error *prepare(
	struct actions *actions, const struct manifest_site *manifest_site, struct site *site)
{
	const struct types *types = actions->traced->bundle.types;
	size_t head = action_descs[manifest_site->action].ring == RING_CONTROL
			      ? sizeof(struct control_head)
			      : sizeof(struct record_head);
	int32_t record =
		btf__find_by_name_kind(types_btf(types), manifest_site->record, BTF_KIND_STRUCT);

	if (record <= 0)
		return error_new(EINVAL, "there is no struct %s", manifest_site->record);
	*site = (struct site){
		.site = manifest_site,
		.ops = action_find(manifest_site->action),
		.record = (uint32_t)record,
		.record_size = types_size(types, (uint32_t)record),
		.first_member = (uint32_t)(head / sizeof(uint64_t)),
	};
	if (site->record_size < head)
		return error_new(EINVAL, "struct %s has no head", manifest_site->record);
	return site->ops->prepare ? site->ops->prepare(actions, site) : NULL;
}

struct error *dispatch_init(struct actions *actions, struct dispatch *ret)
{
	const struct manifest *manifest = &actions->traced->bundle.manifest;
	struct dispatch dispatch = {
		.actions = actions,
		.sites = arena_array(&actions->traced->arena, struct site, manifest->sites.count),
		.count = manifest->sites.count,
	};

	for (size_t i = 0; i < dispatch.count; i++) {
		const struct manifest_site *site = &manifest->sites.items[i];
		struct error *error = prepare(actions, site, &dispatch.sites[i]);

		if (error)
			return error_prefix(
				error, "call %zu (%s)", i, action_descs[site->action].name);
	}
	*ret = dispatch;
	return NULL;
}

void dispatch_record(
	struct dispatch *dispatch, enum ring_kind ring, const void *record, size_t size, bool late)
{
	const struct record_head *head = record;

	if (size >= sizeof(*head) && head->site < dispatch->count) {
		const struct site *site = &dispatch->sites[head->site];

		if (size >= site->record_size && action_descs[site->site->action].ring == ring) {
			if (late && site->ops->is_slow)
				dispatch->actions->left_out++;
			else
				site->ops->handle(dispatch->actions, site, record, size);
			return;
		}
	}
	dispatch->dropped++;
}

void dispatch_end(struct dispatch *dispatch)
{
	for (size_t i = 0; i < dispatch->count; i++) {
		const struct site *site = &dispatch->sites[i];

		if (site->ops->end)
			site->ops->end(dispatch->actions, site);
	}
}
