/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records that end with a packet. The kernel copies packets only into perf buffers, one per CPU, so
 * these records do not go through the rings.
 */
#pragma once

#include "dispatch.h"
#include "libcommon/base/error.h"

struct packets;

/*
 * Opens the buffers if a site writes packets to a file; otherwise *ret is not changed. All sites
 * must be prepared; before privileges are dropped. dispatch is borrowed.
 */
struct error *packets_open(struct dispatch *dispatch, struct packets **ret);

/* The index-th descriptor that is readable when there is a packet; -1 behind the last one. */
int packets_fd(const struct packets *packets, size_t index);

/* Dispatches all records that are there. */
void packets_drain(struct packets *packets);
void packets_close(struct packets *packets); /* NULL-safe, as the two above */
