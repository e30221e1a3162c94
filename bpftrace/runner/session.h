/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of one script, from options to exit status: what the steps (steps.c) and the event loop
 * share. Members are grouped by who fills them.
 */
#pragma once

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpftrace/door/bundle.h"
#include "bpftrace/door/request.h"
#include "bpftrace/door/state.h"
#include "libcommon/base/arena.h"
#include "libcommon/host/host.h"

struct options;
struct output;
struct attachment;
struct map_layout;

struct session {
	const struct options *options;
	struct arena arena; /* as long as the run */
	struct host *host;

	/* compile */
	struct request request;
	struct bundle bundle;

	/* load */
	struct bpf_object *object;
	volatile struct state *state; /* mapped; NULL before load */
	int data_ring_fd;             /* -1 when the script sends no such records */
	int control_ring_fd;

	/* attach */
	struct attachment **attachments; /* one per link of the manifest */

	/* child (-c) */
	int child_pidfd; /* -1 without -c */
	int child_pid;

	/* run */
	struct map_layout *map_layouts; /* one per map of the manifest (mapread.h) */
	struct output *output;
	bool exited;     /* exit() was called */
	int exit_status; /* of the whole program: 0, or what exit(code) said */
};
