/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records with packets behind them. The kernel copies packets into perf buffers only, one per CPU;
 * so these travel apart from all other records.
 */
#pragma once

#include "dispatch.h"
#include "libcommon/base/error.h"

struct packets;

/*
 * Opens the buffers when there are files that packets go to; *ret is untouched otherwise. Called
 * with all sites ready, before privileges are dropped. dispatch is borrowed.
 */
struct error *packets_open(struct dispatch *dispatch, struct packets **ret);

/* Descriptor number index of those that become readable when a packet has come; -1 behind the last
 * one. */
int packets_fd(const struct packets *packets, size_t index);

/* Hands all that has come to its sites. */
void packets_drain(struct packets *packets);
void packets_close(struct packets *packets); /* NULL-safe, as the two above */
