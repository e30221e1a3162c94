/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probe types. Each is one file with its struct probe_ops; nothing outside this folder and
 * runner/attach names a probe type. The ops define how attach points of the type are spelled, what
 * they match on a host, and what arguments they have. The compiler reads a match's context kind,
 * the runner its attach kind.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/arena.h"
#include "libcommon/base/error.h"
#include "libcommon/base/field.h"
#include "libcommon/base/suggest.h"
#include "libcommon/base/vec.h"
#include "libcommon/elf/operand.h"
#include "libcommon/host/functions.h"
#include "libcommon/host/host.h"
#include "libcommon/host/obstacles.h"
#include "libcommon/host/process.h"
#include "libcommon/types/types.h"

/* How a program gets its arguments: one file of compiler/emit/context each. */
enum context_kind {
#define CONTEXT(NAME, name) CONTEXT_##NAME,
#include "context.def"
#undef CONTEXT
	NR_CONTEXTS,
};

/* How the runner attaches: rows of runner/attach. */
enum attach_kind {
#define ATTACH(NAME, name, section, types, match, process, flags, doc) ATTACH_##NAME,
#include "attach.def"
#undef ATTACH
	NR_ATTACH,
};

/* How a program identifies which match of its unit fired. */
enum attach_match {
	MATCH_ALONE,      /* it has one match only */
	MATCH_BY_COOKIE,  /* where the kernel has cookies; else one match only */
	MATCH_BY_SYSCALL, /* by the number of the system call: all units share two programs */
	MATCH_BY_PROGRAM, /* each has a program of its own */
};

/* Which processes the events are limited to. */
enum attach_process {
	PROCESS_ANY,
	PROCESS_OF_P,       /* that of -p */
	PROCESS_OF_P_AND_C, /* and that of -c */
	PROCESS_OF_OBJECT,  /* an iterator: objects of the process of -p only */
};

enum attach_flag {
	RUNS_ONCE = 1 << 0,         /* by test_run, while nothing else is attached */
	SHARES_LINK = 1 << 1,       /* all matches of a unit are attached together */
	SHARES_EVENT = 1 << 2,      /* several blocks of one event are one program */
	PREEMPTIBLE = 1 << 3,       /* by a run of the same program for another task */
	USER_STACK = 1 << 4,        /* arguments that are not in registers are in user memory */
	INSIDE_FUNCTION = 1 << 5,   /* address must be the start of an instruction */
	NEEDS_LINK_TARGET = 1 << 6, /* target of the link in the manifest is not empty */
	NEEDS_TARGET = 1 << 7,      /* target of the probe is not empty */
	NEEDS_EVENT = 1 << 8,       /* event of the probe is not empty */
	NEEDS_PERIOD = 1 << 9,      /* period of the link is not 0 */
	ONE_SIDE = 1 << 10,         /* is_return of the link: it is about returns, else entries */
	OVERRIDES = 1 << 11,        /* a program at the entry can return instead of the function */
	RUNS_ALONE = 1 << 12,       /* a script with such a probe has no other one */
	RUNS_ON_SIGNAL = 1 << 13,   /* by test_run, at a signal to this process */
};

struct attach_desc {
	const char *name; /* in the manifest */
	const char *section;
	const char *types; /* separated by blanks */
	enum attach_match match;
	enum attach_process process;
	unsigned flags; /* enum attach_flag */
};
extern const struct attach_desc attach_descs[NR_ATTACH];

static inline bool attach_has(enum attach_kind kind, enum attach_flag flag)
{
	return attach_descs[kind].flags & flag;
}

/* The kind of this name; false when there is none. */
bool attach_find(const char *name, enum attach_kind *ret);

/* Whether links of the kind can serve a probe of this full name, "kprobe:vmlinux:vfs_read". */
bool attach_serves(enum attach_kind kind, bool is_return, const char *probe);

/* An attach point split at its colons outside quotes, quotes removed: "tracepoint:a:b". */
struct probe_spec {
	const char *text;
	const char *provider; /* first part as written, without the name before it: "NAME=" */
	const char **parts;   /* the others */
	size_t count;
};

/* Splits text into arena (the copies of all parts); fails on an unterminated quote or an empty
 * text. In quotes "\"", "\\", "\n" and "\x1b" stand for one character; "\*", which is no wildcard,
 * stays as it is in the part. */
struct error *spec_parse(struct arena *arena, const char *text, struct probe_spec *ret);

typedef enum attach_kind field_ATTACH;

/* How matches are attached; those of one link have it in common. */
#define PROBE_LINK_FIELDS                                                                          \
	FIELD(ATTACH, attach)                                                                      \
	FIELD(BOOL, is_return)                                                                     \
	FIELD(U32, perf_type)    /* perf_event_attr.type */                                        \
	FIELD(BITS, perf_config) /* perf_event_attr.config */                                      \
	FIELD(BITS, period)      /* sample period, or Hz with by_frequency; ns for timers */       \
	FIELD(BOOL, by_frequency)                                                                  \
	FIELD(BOOL, one_cpu) /* on one CPU only, otherwise on each */

/* The location of a match. Which members are used depends on attach (attach.def). */
#define PROBE_PLACE_FIELDS                                                                         \
	FIELD(TEXT, event)       /* tracepoint event, symbol */                                    \
	FIELD(PID, process)      /* target is below the root of this process; 0: below our own */  \
	FIELD(BITS, address)     /* file offset of a uprobe, offset in the function of a kprobe */ \
	FIELD(BITS, semaphore)   /* file offset of a counter of its tracers; 0: none */            \
	FIELD(WIDTH, length)     /* bytes that are watched */                                      \
	FIELD(OFFSET, argument)  /* in struct pt_regs: the register with their address */          \
	FIELD(BOOL, stops)       /* the process is stopped until they are watched */               \
	FIELD(BOOL, shares_name) /* several functions of module are called event: attach to all */ \
	FIELD(BOOL, optional)    /* a member of a wildcard: skipped when it cannot be attached */

/* One resolved location to attach to. Texts live in the arena given to match. */
struct probe_match {
#define FIELD(KIND, name) field_##KIND name;
	PROBE_LINK_FIELDS
	PROBE_PLACE_FIELDS
#undef FIELD
	const char *target; /* tracepoint category, raw tracepoint, module, path of an ELF file */
	const char *origin; /* its path below debug_process's root; NULL: target */
	int32_t debug_process; /* process whose root has its debug file; 0: our own */
	const struct probe_ops *type;
	const char *name;     /* full name as `probe` and listings show it */
	const char *function; /* as `func` shows it: symbol, event … */
	enum context_kind context;
	const char *module; /* kernel module of its code; NULL: the kernel itself, or unknown */
	uint64_t function_offset; /* bytes from the start of its function */
	bool start_unknown;       /* then function_offset is not set */
	const uint8_t *code; /* from the function's start to behind the location; NULL: unknown */
	size_t code_size;
	const char *code_file; /* that code is read from, for messages */
	const char *refusal; /* why it cannot be probed, as a member of a wildcard; NULL: it can */
	const char *note;    /* where else it was found than at the attach point's place; or NULL */
	uint32_t location;   /* index among the locations of one probe, which users see as one */
	const struct operands *operands; /* of its arguments; NULL: by the calling convention,
					    or until locate was called */
	uint32_t signature; /* of a kernel function: its id in the types of its module */
	int32_t syscall;    /* number, for CONTEXT_SYSCALL_*; -1 for all of them (raw_syscalls) */
	bool compat;        /* also count calls of the compat ABI (raw_syscalls) */
};

typedef VEC(struct probe_match) probe_matches;

/* What matching reads. All pointers are borrowed. */
struct probe_world {
	const struct host *host;
	struct kbtf *kbtf;
	struct functions *functions; /* of the kernel */
	struct programs *programs;   /* with debug information; NULL: it is not read */
	int32_t pid;                 /* -p, 0 when none */
	bool has_child;              /* -c */
	bool unsafe;                 /* --unsafe */
	const char *vmlinux;         /* the kernel with symbols, NULL: where there is one */
	const char *program;         /* path of what -c runs, NULL when none */

	/* Tries whether the kernel refuses probes of the kind; appends the reason then. NULL when
	 * the kernel of host does not run. */
	bool (*refuses)(void *context, enum obstacle kind, struct str *out);
	void *refuses_context;
};

struct probe_ops {
	const char *name;
	const char *aliases[3];
	const char *spelling;    /* "tracepoint:CATEGORY:EVENT", for messages and the man page */
	const char *alternative; /* another spelling; NULL when there is none */
	const char *doc;         /* one line */
	bool wildcard;           /* '*' matches several */
	bool is_special;         /* what happens to bpftrace itself, once */
	const char *everything;  /* attach point that matches all of list; NULL: none does */
	bool mirrors;            /* lists the names of another type with its own prefix */

	/*
	 * Adds all matches of spec to *ret, in a stable order; a wildcard without matches is no
	 * error. Unknown names and bad units are errors; *suggestion (may be NULL) is set to the
	 * name that was probably meant, if there is one.
	 */
	struct error *(*match)(const struct probe_ops *type, const struct probe_world *world,
		const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
		probe_matches *ret);

	/*
	 * Makes the struct of `args` of a match in types; *ret is 0 when it has none. For records
	 * the member offsets are those of the record; for syscalls the members are named as in the
	 * tracepoint's format and member i is argument i (enter: after __syscall_nr; exit: ret);
	 * for raw_syscalls: id and args[6], id and ret. Of a function's return it can be "retval"
	 * alone. ENODATA: nothing describes them. NULL: no args.
	 */
	struct error *(*arguments)(const struct probe_world *world, const struct probe_match *match,
		struct types *types, uint32_t *ret);

	/* Sets operands of a match: of each member of the struct of arguments. NULL: the context
	 * has them at their offsets. Errors are those of arguments. */
	struct error *(*locate)(const struct probe_world *world, struct types *types,
		struct arena *arena, struct probe_match *match);

	/*
	 * Adds the names for a listing of all probes, in its order; texts in arena. Parts that the
	 * user must fill in are empty: "software:faults:". NULL: nothing can be listed without a
	 * file.
	 */
	struct error *(*list)(const struct probe_ops *type, const struct probe_world *world,
		struct arena *arena, host_names *ret);

	/* Appends a C declaration for each argument of a match, "    int flags", a line each.
	 * Returns ENODATA when its file does not describe them. NULL: no args. */
	struct error *(*declare)(
		const struct probe_world *world, const struct probe_match *match, struct str *out);
};

/* All types, in the order of listings. */
extern const struct probe_ops *const probe_types[];
extern const size_t probe_type_count;

/* The type of this name or alias, in its own case or else in any; NULL when there is none, then
 * *suggestion (may be NULL) is set to the nearest name. */
const struct probe_ops *probe_type_find(const char *name, struct suggestion *suggestion);

/* Finds the provider's type and calls its match; errors are those of match. */
struct error *probe_match(const struct probe_world *world, const struct probe_spec *spec,
	struct arena *arena, struct suggestion *suggestion, probe_matches *ret);

/* A number as attach points spell it: decimal (1_000, 1e6) or 0x…; false if it is none or does not
 * fit 64 bits. */
bool spec_number(const char *text, uint64_t *ret);

/* The error for a text that spec_number refuses, with the reason. */
struct error *spec_number_error(const char *text);

/* True when text matches pattern, where '*' stands for any characters and "\*" for a star. */
bool spec_wildcard(const char *pattern, const char *text);
