/* SPDX-License-Identifier: Apache-2.0 */
/* The table of attach kinds. In a file of its own, since the runner does not link probe types. */
#include <string.h>
#include <strings.h>

#include "probe.h"

const struct attach_desc attach_descs[] = {
#define ATTACH(NAME, name, section, types, match, process, flags, doc)                             \
	[ATTACH_##NAME] = {#name, section, types, match, process, flags},
#include "attach.def"
#undef ATTACH
};
TABLE_COMPLETE(attach_descs, NR_ATTACH);

bool attach_find(const char *name, enum attach_kind *ret)
{
	for (size_t i = 0; i < NR_ATTACH; i++) {
		if (strcmp(attach_descs[i].name, name) == 0) {
			*ret = (enum attach_kind)i;
			return true;
		}
	}
	return false;
}

bool attach_serves(enum attach_kind kind, bool is_return, const char *probe)
{
	size_t length = strcspn(probe, ":");
	bool is_of_returns = strncmp(probe + strnlen(probe, 1), "ret", strlen("ret")) == 0;

	if (attach_has(kind, ONE_SIDE) && is_return != is_of_returns)
		return false;
	for (const char *type = attach_descs[kind].types; *type; type += strspn(type, " ")) {
		size_t size = strcspn(type, " ");

		if (size == length && strncasecmp(type, probe, size) == 0)
			return true;
		type += size;
	}
	return false;
}
