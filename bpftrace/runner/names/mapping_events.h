/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel reports about mappings of all processes, by a perf event on each CPU. */
#pragma once

#include <poll.h>

#include "libcommon/base/vec.h"
#include "libcommon/host/host.h"
#include "libcommon/symbols/symbolizer.h"

struct mapping_ring {
	int fd;
	void *pages; /* mapped: a page of state, then the buffer */
	size_t size; /* bytes of both */
};

struct mapping_events {
	VEC(struct mapping_ring) rings;
};

/* Opens them for the CPUs that are on; takes CAP_PERFMON. Times are of CLOCK_BOOTTIME. The caller
 * closes *ret, also after an error. */
struct error *mapping_events_open(const struct host *host, struct mapping_events *ret);
void mapping_events_close(struct mapping_events *events);

/* Hands what has come since the last call to the symbolizer. */
void mapping_events_read(struct mapping_events *events, struct symbolizer *symbolizer);

/* Adds what is to be waited for. */
void mapping_events_poll(const struct mapping_events *events, struct pollfd *ret);
