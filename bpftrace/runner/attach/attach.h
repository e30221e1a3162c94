/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attaching: one file per family of attach kinds, which exports their struct attach_ops. These
 * attach all members (probes) of one link of the manifest.
 */
#pragma once

#include <bpf/bpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpftrace/runner/data/traced.h"
#include "bpftrace/runner/process/broker.h"
#include "bpftrace/runner/process/helper.h"
#include "bpftrace/runner/process/tracee.h"
#include "bpftrace/runner/process/waiter.h"
#include "bpftrace/runner/process/fd_watch.h"
#include "libcommon/base/error.h"
#include "libcommon/confine/confine.h"
#include "libcommon/host/functions.h"
#include "libcommon/host/host.h"
#include "libcommon/host/obstacles.h"

struct trampolines;

/* The kernel objects that hold one link of the manifest. Closing fds[] detaches. */
struct attachment {
	const struct attach_ops *ops;
	int *fds;
	size_t count;
	struct helper_process helper; /* that holds the link instead; mostly none */
	int missed_fd;                /* one of them: a map that counts missed returns; -1: none */
	int walk_fd; /* one of them: reading it makes the kernel run the program; -1: none */
	bool slow; /* closing waits for RCU grace periods: release.c hands these over at the end */
};

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

/* The order in which the kernel runs several programs at one return of a function of it. */
enum returns {
	RETURNS_UNKNOWN,
	RETURNS_FIRST_FIRST,
	RETURNS_LAST_FIRST,
};

/* What is known of returns that the kernel has no room to wait for. */
enum missed_returns {
	MISSED_RETURNS_UNKNOWN,
	MISSED_RETURNS_REPORTED, /* by the links */
	MISSED_RETURNS_COUNTED,  /* by programs of the runner */
	MISSED_RETURNS_GIVEN_UP, /* not all of them, which was reported */
};

/* All links of a run. */
struct attachments {
	/* Borrowed: what is attached, and what that requires. */
	struct host *host;
	struct traced *traced;
	const struct tracee *tracee;
	const struct broker *broker;     /* files that the compiler has read */
	const struct fd_watch *fd_watch; /* of the event loop */
	const struct waiter *waiter;     /* NULL before the event loop is open */
	uint64_t disabled_features;      /* bits of FEATURE_BIT */
	bool dry_run;

	/* Found out on the way. */
	enum uprobes uprobes;
	enum kprobes kprobes;
	enum returns returns;
	enum missed_returns missed_returns;
	size_t counted_returns; /* members of links whose missed returns are counted that way */
	uint32_t checked;       /* kinds (bits of enum obstacle) that are known to see something */
	uint32_t is_return_id;  /* of the kernel's bpf_session_is_return; 0: not asked for yet */
	struct trampolines *trampolines; /* NULL: the script has none */
	struct functions *functions;     /* of the kernel; NULL before attach_functions */

	struct attachment **items; /* one per link of the manifest, NULL: not attached */
	uint64_t skipped;          /* members of wildcards that the kernel refused */
	bool is_pinned;            /* programs stay in the kernel after the run */
};

/* Makes room for the items, once the manifest is read. */
void attachments_open(struct attachments *attachments);

/* Detaches all and frees what attachments owns. Does nothing to an all-zero one. */
void attachments_deinit(struct attachments *attachments);

/* What a way to attach does. */
struct attach_ops {
	enum bpf_prog_type program_type;
	/* For what libbpf has no setter: called as libbpf hands one of the programs to the kernel,
	 * cookie is the struct attachments; may be NULL. */
	int (*prepare_load)(
		struct bpf_program *program, struct bpf_prog_load_opts *options, long cookie);
	/* The error when the kernel does not load the program of a link, with this errno value and
	 * no reason; may be NULL. */
	struct error *(*explain_load)(
		const struct attachments *attachments, uint32_t link, int number);
	/* After load: capabilities that attaching requires beyond CAP_BPF and CAP_PERFMON; may be
	 * NULL. */
	capability_set (*needs)(const struct attachments *attachments);
	/* Called before load, for what must be known then (expected attach type); may be NULL. */
	struct error *(*prepare)(
		struct attachments *attachments, uint32_t link, struct bpf_program *program);
	/* Whether the kernel runs the programs of one place in the reverse order of their links;
	 * NULL: in their order, or there is only one program at a place. */
	bool (*runs_last_first)(struct attachments *attachments, uint32_t link);
	/* How many returns a link missed since the kernel had no room to wait for them; may be
	 * NULL. */
	uint64_t (*count_missed)(int link_fd);
	/* Attaches; on failure nothing is left attached. *ret is owned by the caller. The error
	 * names the attach point, the cause and the next step. */
	struct error *(*attach)(struct attachments *attachments, uint32_t link,
		struct bpf_program *program, struct attachment *ret);
};

#define ATTACH(NAME, name, ...) extern const struct attach_ops attach_##name;
#include "libcommon/probes/attach.def"
#undef ATTACH

/* Those of a kind; every kind has some. */
const struct attach_ops *attach_ops_of(enum attach_kind kind);

/* Before the object is opened: makes libbpf call prepare_load; once for each run. */
struct error *attach_register(struct attachments *attachments);

/* Before load: the program of a link gets its type, is marked to be loaded, and is prepared. */
struct error *attach_prepare(struct attachments *attachments, uint32_t link);

/* The error when the kernel refused to load this program (NULL: not known which) and gave no
 * reason: from explain_load of its link, else of the first link that has it; NULL: there is none.
 */
struct error *attach_explain_load(
	const struct attachments *attachments, const char *program, int number);

/* After load: what all links together need beyond CAP_BPF and CAP_PERFMON. */
capability_set attach_needs(const struct attachments *attachments);

/* The returns that all links missed, see count_missed. */
uint64_t attach_missed_returns(const struct attachments *attachments);

/* Whether the script has probes of the kind. */
bool attach_has_kind(const struct attachments *attachments, enum attach_kind kind);

/* Attaches the links of one kind (BEGIN, END), in the order of the manifest. */
struct error *attach_kind(struct attachments *attachments, enum attach_kind kind);

/* Attaches all links but those of BEGIN and END, such that the kernel runs the blocks of one place
 * in the script's order. When one fails, all are detached. */
struct error *attach_all(struct attachments *attachments);

/* unwatch(): stops watching the address; nothing if it is not watched. */
void watchpoint_forget(struct attachments *attachments, uint64_t address);

/* --- for the ways to attach --- */

/* The functions of the running kernel, read at the first call. */
struct functions *attach_functions(struct attachments *attachments);

/* Adds a descriptor that the attachment owns from here on. */
void attachment_add(struct attachment *attachment, int fd);
void attachment_deinit(struct attachment *attachment); /* closes them */

/* Calls each member of a link; see manifest_probe.link. */
#define attach_for_each_probe(attachments, number, probe)                                          \
	vec_for_each (&(attachments)->traced->bundle.manifest.probes, (probe))                     \
		if ((probe)->link == (number))

/* The first member of a link, which for most kinds is the only one. */
const struct manifest_probe *attach_member(const struct attachments *attachments, uint32_t link);

/* runs_last_first of kinds for which that is always true. */
bool attach_last_first(struct attachments *attachments, uint32_t link);

/* After load: whether the link's program makes functions return. */
bool attach_overrides(const struct attachments *attachments, uint32_t link);

/* Returns the error about a member of a link that the kernel refuses. If the probe is one of a
 * wildcard's, frees and logs (-v) the error instead, counts the probe as skipped and returns NULL.
 */
struct error *attach_skip_optional(
	struct attachments *attachments, const struct manifest_probe *probe, struct error *error);

/* The error "cannot attach NAME: cause, remedy". The cause is what forbids such probes on this
 * machine where that can be found, else the errno value. */
struct error *attach_failed(const struct attachments *attachments, enum obstacle kind,
	const char *name, int number) _must_check_;

/* Prints a diagnostic at the link's block in the script and returns the error ECANCELED: it is
 * reported. hint may be NULL. */
struct error *attach_show(const struct attachments *attachments, uint32_t link, const char *message,
	const char *hint) _must_check_;

/* Before attaching: the error if such a probe could be attached but would see no event; else
 * NULL. */
struct error *attach_check_silent(
	struct attachments *attachments, enum obstacle kind, const char *name) _must_check_;
