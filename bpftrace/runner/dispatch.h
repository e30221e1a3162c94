/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From records to the call sites they come from. Records are data of unknown origin: one whose site
 * does not exist, does not belong to its ring, or is shorter than the site's struct is counted and
 * dropped.
 */
#pragma once

#include "bpftrace/runner/action/action.h"
#include "bpftrace/runner/session.h"
#include "libcommon/base/error.h"

struct dispatch {
	struct session *session;
	struct site *sites; /* as many as the manifest has; in the session's arena */
	size_t count;
	uint64_t dropped;
};

/* Makes all sites ready. Called before privileges are dropped. */
struct error *dispatch_init(struct session *session, struct dispatch *ret);

/* Lets all sites finish, after the last record. */
void dispatch_end(struct dispatch *dispatch);

/* Acts on one record of a ring. */
void dispatch_record(
	struct dispatch *dispatch, enum ring_kind ring, const void *record, size_t size);
