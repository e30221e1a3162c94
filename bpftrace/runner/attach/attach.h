/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attaching: one file per family of attach kinds, each exporting one row. A row attaches all
 * members (probes) of one link of the manifest and lets go of them again.
 */
#pragma once

#include <bpf/bpf.h>

#include "bpftrace/runner/session.h"
#include "libcommon/base/error.h"
#include "libcommon/confine/confine.h"
#include "libcommon/host/obstacles.h"

/* The kernel objects that hold one link of the manifest. Closing fds[] detaches. */
struct attachment {
	const struct attach_row *row;
	int *fds;
	size_t count;
	int walk_fd; /* one of them: reading it makes the kernel run the program; -1: none */
	bool slow; /* closing waits for RCU grace periods: release.c hands these over at the end */
};

struct attach_row {
	enum attach_kind kind;
	enum bpf_prog_type program_type;
	/* For what libbpf has no setter: the section of the row's programs, and what is called as
	 * libbpf hands one of them to the kernel, with the session; both NULL: nothing. */
	const char *section;
	int (*hand_over)(
		struct bpf_program *program, struct bpf_prog_load_opts *options, long session);
	/* What it means when the kernel does not load such a program and does not say why; may be
	 * NULL. */
	const char *unavailable;
	/* After load: capabilities that attaching takes beyond CAP_BPF and CAP_PERFMON; may be
	 * NULL. */
	capability_set (*needs)(const struct session *session);
	/* Called before load, for what must be known then (expected attach type); may be NULL. */
	struct error *(*prepare)(
		struct session *session, uint32_t link, struct bpf_program *program);
	/* How many events a link missed since the kernel could not follow them; may be NULL. */
	uint64_t (*overrun)(int link_fd);
	/* Attaches; on failure nothing is left attached. *ret is owned by the caller. The error
	 * names the attach point, the cause and the next step. */
	struct error *(*attach)(struct session *session, uint32_t link, struct bpf_program *program,
		struct attachment *ret);
};

extern const struct attach_row attach_begin, attach_end, attach_tracepoint, attach_raw_tracepoint,
	attach_syscall, attach_perf, attach_uprobe, attach_kprobe, attach_kprobe_session,
	attach_kprobe_inside, attach_fentry, attach_fexit, attach_iter, attach_watchpoint,
	attach_watch_argument;

/* The row of a kind; every kind has one. */
const struct attach_row *attach_row(enum attach_kind kind);

/* Before the object is opened: makes libbpf call hand_over; once for each session. */
struct error *attach_register(struct session *session);

/* Before load: the program of a link gets its type, is marked to be loaded, and is prepared. */
struct error *attach_prepare(struct session *session, uint32_t link);

/* What a refusal to load without a word means: the first row that can tell; NULL when none can. */
const char *attach_unavailable(const struct session *session);

/* After load: what all links together need beyond CAP_BPF and CAP_PERFMON. */
capability_set attach_needs(const struct session *session);

/* What all links missed in that way. */
uint64_t attach_overrun(const struct session *session);

/* Attaches the links of one kind (BEGIN, END), in the order of the manifest. */
struct error *attach_kind(struct session *session, enum attach_kind kind);

/* Attaches all links but those of BEGIN and END. When one fails, all others are let go. */
struct error *attach_all(struct session *session);

/* --- for the rows --- */

/* Adds a descriptor that the attachment owns from here on. */
void attachment_add(struct attachment *attachment, int fd);
void attachment_deinit(struct attachment *attachment); /* closes them */

/* Calls each member of a link; see manifest_probe.link. */
#define attach_for_each_probe(session, number, probe)                                              \
	vec_for_each (&(session)->bundle.manifest.probes, (probe))                                 \
		if ((probe)->link == (number))

/* The first member of a link, which for most kinds is the only one. */
const struct manifest_probe *attach_member(const struct session *session, uint32_t link);

/* After load: whether the link's program makes functions return. */
bool attach_overrides(const struct session *session, uint32_t link);

/* A member of a link that the kernel refuses, with the error that this is: it is returned, unless
 * the probe is one of many that a wildcard meant; then it is counted and told with -v. */
struct error *attach_left_out(
	struct session *session, const struct manifest_probe *probe, struct error *error);

/* "cannot attach NAME: cause, remedy": what of this machine forbids such probes where that can be
 * found, else what the errno value means. */
struct error *attach_failed(const struct session *session, enum obstacle kind, const char *name,
	int number) _must_check_;

/* The same before it is tried, when such a probe could be attached but would see nothing; else
 * NULL. */
struct error *attach_muted(
	struct session *session, enum obstacle kind, const char *name) _must_check_;
