/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From records to the actions of their call sites. Records are not trusted: one whose site does not
 * exist or uses another ring, or that is shorter than the site's struct, is counted and dropped.
 */
#pragma once

#include "bpftrace/runner/action/action.h"
#include "libcommon/base/error.h"

struct dispatch {
	struct actions *actions;
	struct site *sites; /* as many as the manifest has; in the arena of the traced object */
	size_t count;
	uint64_t dropped;
};

/* Prepares all sites; before privileges are dropped. */
struct error *dispatch_init(struct actions *actions, struct dispatch *ret);

/* Calls the end of all sites; after the last record. */
void dispatch_end(struct dispatch *dispatch);

/* Handles one record of a ring; late: slow actions are skipped and counted. */
void dispatch_record(
	struct dispatch *dispatch, enum ring_kind ring, const void *record, size_t size, bool late);
