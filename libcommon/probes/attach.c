/* SPDX-License-Identifier: Apache-2.0 */
/* The names of the ways to attach: apart from the table of probe types, which the runner does not
 * link. */
#include <string.h>

#include "probe.h"

static const char *const attach_names[] = {
#define ATTACH(NAME, name, doc) [ATTACH_##NAME] = #name,
#include "attach.def"
#undef ATTACH
};
TABLE_COMPLETE(attach_names, NR_ATTACH);

const char *attach_name(enum attach_kind kind)
{
	return kind < NR_ATTACH ? attach_names[kind] : "";
}

bool attach_find(const char *name, enum attach_kind *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(attach_names); i++) {
		if (strcmp(attach_names[i], name) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}
