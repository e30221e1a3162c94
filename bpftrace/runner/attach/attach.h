/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attaching: one file per family of attach kinds, each exporting one row. A row attaches all members
 * (probes) of one link of the manifest and lets go of them again.
 */
#pragma once

#include "bpftrace/runner/session.h"
#include "libcommon/base/error.h"

/* The kernel objects that hold one link of the manifest. Closing fds[] detaches. */
struct attachment {
	const struct attach_row *row;
	int *fds;
	size_t count;
	bool slow; /* closing waits for RCU grace periods: release.c hands these over at the end */
};

struct attach_row {
	enum attach_kind kind;
	/* Called before load, for what must be known then (expected attach type); may be NULL. */
	struct error *(*prepare)(struct session *session, uint32_t link, struct bpf_program *program);
	/* Attaches; on failure nothing is left attached. *ret is owned by the caller. The error names the
	 * attach point, the cause and the next step. */
	struct error *(*attach)(struct session *session, uint32_t link, struct bpf_program *program,
		struct attachment *ret);
};

extern const struct attach_row attach_begin, attach_end, attach_tracepoint, attach_raw_tracepoint,
	attach_syscall, attach_perf, attach_uprobe;

/* The row of a kind; every kind has one. */
const struct attach_row *attach_row(enum attach_kind kind);
