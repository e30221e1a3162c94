/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Breakpoints that are set while the script runs: by a process of our own, since the runner itself
 * may not open events any more by then.
 */
#pragma once

#include <linux/perf_event.h>

#include "attach.h"

/*
 * Watches what the function of probe is called with from now on: attr says how, but not where. The
 * program runs at each access. *ret gets a descriptor; closing it, or the end of the runner, ends
 * all of it, and lets a process that is stopped for it go on.
 */
struct error *watcher_start(struct session *session, const struct manifest_probe *probe,
	const struct perf_event_attr *attr, int program_fd, struct attachment *ret);

/* No longer watches the address. */
void watcher_forget(const struct attachment *attachment, uint64_t address);

/* Why the kernel refused a breakpoint, in words; NULL when they are those of the number itself. */
const char *watcher_refusal(int number);
