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
#include "compile.h"
#include "libcommon/base/arena.h"
#include "libcommon/host/functions.h"
#include "libcommon/host/host.h"
#include "servant.h"

struct capture;
struct cgroup_tree;
struct options;
struct output;
struct attachment;
struct map_layout;
struct run;
struct trampolines;

/* How functions in ELF files are attached to; settled before the first such program is loaded. */
enum uprobes {
	UPROBES_UNKNOWN,
	UPROBES_MULTI,
	UPROBES_SINGLE,
};

/* The same for functions of the kernel. */
enum kprobes {
	KPROBES_UNKNOWN,
	KPROBES_MULTI,
	KPROBES_SINGLE,
};

enum progress {
	PROGRESS_TRACING,
	PROGRESS_ENDED,    /* exit() was called: what is left is END and the maps */
	PROGRESS_FINISHED, /* nothing at all is left: a dump, or a dry run */
};

struct session {
	const struct options *options;
	struct arena arena; /* as long as the run */
	struct host *host;
	enum progress progress;

	/* compile */
	struct request request;
	struct compile compile; /* the compiler while it works */
	struct bundle bundle;

	/* load */
	struct bpf_object *object;
	volatile struct state *state; /* mapped; NULL before load */
	int data_ring_fd;             /* -1 when the script sends no such records */
	int control_ring_fd;

	/* attach */
	enum uprobes uprobes;
	enum kprobes kprobes;
	uint32_t unmuted;      /* kinds (bits of enum obstacle) that are known to see something */
	uint32_t is_return_id; /* of the kernel's bpf_session_is_return; 0: not asked for yet */
	struct trampolines *trampolines; /* NULL: the script has none */
	struct functions *functions; /* of the kernel; NULL until somebody asks for an address */
	uint64_t unattached;         /* members of wildcards that the kernel refused */
	struct attachment **attachments; /* one per link of the manifest */
	/* Lets go of a watchpoint; NULL when there is none. */
	void (*unwatch)(struct session *session, uint64_t address);

	/* child (-c, -p) */
	int child_pidfd; /* -1 without -c and -p */
	int child_pid;   /* of -c; 0 without it */
	int child_gate;  /* the process of -c waits at it; -1 when it runs, or without -c */

	/* maps that are taken (take.h); -1 when there are none */
	int fence_fd;
	int fence_member_fd;

	struct capture *captures;    /* files that packets are written to, see capture.h */
	struct cgroup_tree *cgroups; /* NULL when the script prints no paths of cgroups */
	struct servant names;        /* of users; none when the script prints none */
	struct servant executor;     /* of commands; none without --unsafe */

	/* run */
	struct map_layout *map_layouts; /* one per map of the manifest (mapread.h) */
	struct run *run;
	struct output *output;
	bool exited;     /* exit() was called */
	int exit_status; /* of the whole program: 0, or what exit(code) said */
};

/* An empty session of these options; the caller deinits it. */
struct error *session_init(struct session *session, const struct options *options);
void session_deinit(struct session *session);

/* The process that is traced, of -p or -c; 0 for all. */
static inline int32_t session_process(const struct session *session)
{
	return session->request.pid ? session->request.pid : session->child_pid;
}
