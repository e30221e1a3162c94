/* SPDX-License-Identifier: Apache-2.0 */
/* One run of one script, from options to exit status: what the steps (steps.c) hand to the layers
 * below them. */
#pragma once

#include "action/action.h"
#include "attach/attach.h"
#include "bpftrace/door/request.h"
#include "data/traced.h"
#include "libcommon/host/host.h"
#include "process/compile.h"
#include "process/tracee.h"
#include "process/fd_watch.h"

struct names;
struct options;
struct output;
struct run;

enum progress {
	PROGRESS_TRACING,
	PROGRESS_ENDED,    /* exit() was called: what is left is END and the maps */
	PROGRESS_FINISHED, /* nothing at all is left: a dump, or a dry run */
};

struct session {
	const struct options *options;
	struct host host;
	enum progress progress;
	int exit_status; /* of the whole program, once the run is over */

	struct request request;
	struct compile compile; /* the compiler while it works */
	struct broker broker;   /* files that it has read */

	struct traced traced;
	struct tracee tracee;
	struct attachments attachments;
	struct actions actions;
	struct output *output;
	struct names *names; /* of users and cgroups that the script prints */
	struct fd_watch fd_watch;
	struct run *run;
};

/* An empty session of these options; the caller deinits it. */
struct error *session_init(struct session *session, const struct options *options);
void session_deinit(struct session *session);

/* Ends and reaps all helper processes but those that hold links. */
void session_stop_helpers(struct session *session);
