/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of this machine forbids a kind of probe, in words: an option that the kernel was built
 * without, a setting, a mode, or a privilege that is missing. Checked when the kernel refused
 * something, to report the cause and a remedy; and, for probes that would silently see nothing,
 * before they are attached.
 */
#pragma once

#include <stdbool.h>

#include "host.h"

enum obstacle {
	OBSTACLE_KPROBE,        /* by a perf event */
	OBSTACLE_KPROBE_INSIDE, /* the same, not at the function's entry */
	OBSTACLE_KPROBE_MULTI,
	OBSTACLE_ADDRESS, /* of a function of the kernel, required for attaching */
	OBSTACLE_FENTRY,
	OBSTACLE_ITER,
	OBSTACLE_UPROBE, /* by a perf event */
	OBSTACLE_UPROBE_MULTI,
	OBSTACLE_TRACEPOINT,
	OBSTACLE_RAW_TRACEPOINT,
	OBSTACLE_PERF,
	OBSTACLE_WATCHPOINT,
	OBSTACLE_MEMORY,   /* programs that read it */
	OBSTACLE_LOAD,     /* any program or map */
	OBSTACLE_HARDWARE, /* counters of the CPU */
	NR_OBSTACLES,
};

/* Appends what the kernel lacks for such probes: "this kernel has no kprobes (…)"; false when it is
 * not known to lack anything. */
bool obstacle_in_kernel(const struct host *host, enum obstacle kind, struct str *out);

/* Appends what lets such probes be attached but see nothing, with the remedy; false when nothing
 * was found. */
bool obstacle_mutes(const struct host *host, enum obstacle kind, struct str *out);

/* Appends the first thing found that can be why such a probe was refused with this errno value,
 * with the remedy; false when nothing was found. */
bool obstacle_find(const struct host *host, enum obstacle kind, int number, struct str *out);
