/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Breakpoints that are set while the script runs, by a helper process, since the runner is confined
 * by then.
 */
#pragma once

#include <linux/perf_event.h>

#include "attach.h"

/*
 * Watches the addresses that the function of probe is called with from now on: attr is the
 * breakpoint without its address. The program runs at each access. The attachment or the end of the
 * runner ends the watcher, which continues a process that it has stopped.
 */
struct error *watcher_start(struct attachments *attachments, const struct manifest_probe *probe,
	const struct perf_event_attr *attr, int program_fd, struct attachment *ret);

/* Stops watching the address. */
void watcher_forget(const struct attachment *attachment, uint64_t address);

/* The cause of a refused breakpoint; NULL: strerror(3) of the number. */
const char *watcher_refusal(int number);
