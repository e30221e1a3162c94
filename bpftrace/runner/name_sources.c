/* SPDX-License-Identifier: Apache-2.0 */
#include "name_sources.h"

#include "names/cgroups.h"
#include "names/stacks.h"
#include "names/users.h"

static bool prints(const struct session *session, enum meaning meaning)
{
	return btf__find_by_name_kind(types_btf(session->traced.bundle.types),
		       meaning_name(meaning), BTF_KIND_TYPEDEF) > 0;
}

static struct error *open_stacks(struct session *session)
{
	static const struct {
		enum meaning meaning;
		enum name_kind kind;
	} shown[] = {
		{MEANING_KSTACK, NAME_KERNEL_STACK},
		{MEANING_USTACK, NAME_USER_STACK},
		{MEANING_KSYM, NAME_KERNEL_SYMBOL},
		{MEANING_USYM, NAME_USER_SYMBOL},
	};
	const struct traced *traced = &session->traced;
	const struct bpf_map *stacks = bpf_object__find_map_by_name(traced->object, MAP_STACKS);
	unsigned kinds = 0;

	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		kinds |= prints(session, shown[i].meaning) ? NAME_BIT(shown[i].kind) : 0;
	if (!kinds)
		return NULL;
	return stacks_open(session->names, kinds, stacks ? bpf_map__fd(stacks) : -1,
		&traced->bundle.manifest.settings);
}

struct error *name_sources_open(struct session *session)
{
	struct error *error = NULL;

	if (prints(session, MEANING_CGROUP_PATH))
		error = cgroups_open(session->names, &session->host);
	if (!error && prints(session, MEANING_USERNAME))
		error = users_open(session->names);
	if (!error && prints(session, MEANING_PROCESS_NAME))
		error = users_open_processes(session->names);
	return error ? error : open_stacks(session);
}
