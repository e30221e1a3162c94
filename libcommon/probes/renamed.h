/* SPDX-License-Identifier: Apache-2.0 */
/* Under which names the functions and members that scripts know are today: renamed.def. */
#pragma once

#include "probe.h"

struct renamed {
	const char *now;
	const char *since; /* "Linux 6.9" */
	const char *first; /* of a member: "bi_bdev" of "bi_bdev->bd_disk" */
};

/* What a function of the kernel that cannot be probed became, if this kernel has that: its attach
 * point of the type named provider, or a tracepoint's. In arena. */
bool renamed_function(const struct probe_world *world, const char *provider, const char *name,
	struct arena *arena, struct renamed *ret);

/* What a member of a type of the kernel ("struct bio") became; in arena. The caller looks whether
 * the type has ret->first. */
bool renamed_member(const char *type, const char *name, struct arena *arena, struct renamed *ret);

/* The name or path of the library that the functions of another one have moved to; in arena. */
bool renamed_library(const char *library, struct arena *arena, struct renamed *ret);
