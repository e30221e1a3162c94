/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of this machine forbids a kind of probe, in words: an option that the kernel was built
 * without, a setting, a mode, or a privilege that is missing. Asked when something was refused, to
 * name the very cause and what to do about it.
 */
#pragma once

#include <stdbool.h>

#include "host.h"

enum obstacle {
	OBSTACLE_KPROBE,
	OBSTACLE_KPROBE_MULTI, /* and what else enters functions by ftrace */
	OBSTACLE_FENTRY,
	OBSTACLE_ITER,
	OBSTACLE_UPROBE,
	OBSTACLE_TRACEPOINT,
	OBSTACLE_PERF,
	NR_OBSTACLES,
};

/* Appends what the kernel lacks for such probes: "this kernel has no kprobes (…)"; false when it is
 * not known to lack anything. */
bool obstacle_in_kernel(const struct host *host, enum obstacle kind, struct str *out);

/* Appends the first thing found that can keep such probes from being attached, with the remedy;
 * false when nothing was found. */
bool obstacle_find(const struct host *host, enum obstacle kind, struct str *out);
