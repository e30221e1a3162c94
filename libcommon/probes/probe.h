/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probe types. Each is one file and one row here; nothing outside this folder and runner/attach
 * names a probe type. A row says how attach points of the type are spelled, what they match on a
 * host, what arguments they have, and in which kind of context their programs run. The compiler
 * looks at the kind of context only; the runner at the attach kind that a match carries.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/arena.h"
#include "libcommon/base/error.h"
#include "libcommon/base/suggest.h"
#include "libcommon/base/vec.h"
#include "libcommon/elf/operand.h"
#include "libcommon/host/functions.h"
#include "libcommon/host/host.h"
#include "libcommon/host/process.h"
#include "libcommon/types/types.h"

/* How a program gets its arguments: one file of compiler/emit/context each. */
enum context_kind {
	CONTEXT_NONE,        /* no arguments: BEGIN, END (raw tracepoint program, by test_run) */
	CONTEXT_PERF,        /* struct bpf_perf_event_data: profile, interval, software, hardware */
	CONTEXT_REGS,        /* struct pt_regs at function entry: kprobe, uprobe */
	CONTEXT_REGS_RETURN, /* struct pt_regs at return: kretprobe, uretprobe */
	CONTEXT_USDT,        /* struct pt_regs at a static probe, arguments at operands: usdt */
	CONTEXT_RECORD,      /* the formatted record of a tracepoint */
	CONTEXT_RAW,         /* u64 args[] of a raw tracepoint */
	CONTEXT_SYSCALL_ENTER, /* raw tracepoint sys_enter: args[0] = pt_regs *, args[1] = number */
	CONTEXT_SYSCALL_EXIT,  /* raw tracepoint sys_exit: args[0] = pt_regs *, args[1] = return
				  value */
	CONTEXT_FENTRY,        /* u64 args[] of a kernel function, typed by BTF: fentry */
	CONTEXT_FEXIT,         /* the same, and the return value behind them: fexit */
	CONTEXT_ITER,          /* struct bpf_iter__X: iter */
	NR_CONTEXTS,
};

/* How the runner attaches: rows of runner/attach, spelled in the manifest by attach_name(). */
enum attach_kind {
#define ATTACH(NAME, name, doc) ATTACH_##NAME,
#include "attach.def"
#undef ATTACH
	NR_ATTACH,
};
const char *attach_name(enum attach_kind kind);
bool attach_find(const char *name, enum attach_kind *ret);

/* An attach point split at its colons outside quotes, quotes removed: "tracepoint:a:b". */
struct probe_spec {
	const char *text;
	const char *provider; /* first part as written */
	const char **parts;   /* the others */
	size_t count;
};

/* Splits text into arena (the copies of all parts); fails on an unterminated quote or an empty
 * text. */
struct error *probe_spec_parse(struct arena *arena, const char *text, struct probe_spec *ret);

/* One place to attach, resolved. Texts live in the arena given to match. */
struct probe_match {
	const struct probe_type *type;
	const char *name;     /* full name as `probe` and listings show it */
	const char *function; /* as `func` shows it: symbol, event … */
	enum context_kind context;
	enum attach_kind attach;
	/* Where. Which members count depends on attach (attach.def). */
	const char *target;  /* tracepoint category, raw tracepoint, path of an ELF file */
	const char *event;   /* tracepoint event, symbol */
	const char *module;  /* whose code it is in, if that is known and not the kernel's own */
	uint64_t address;    /* file offset of a uprobe, offset in the function of a kprobe */
	uint64_t inside;     /* bytes from the begin of its function */
	bool is_lost;        /* that begin is not known: inside says nothing */
	const uint8_t *code; /* of the function, up to the place and some more; NULL: not known */
	size_t code_size;
	const char *code_file; /* where that was found, for messages */
	bool optional;         /* a member of a wildcard: the others are attached without it */
	const char *refusal; /* why it cannot be probed: a member of a wildcard that is left out */
	bool is_return;
	int32_t process; /* target is below the root of this process; 0: below our own */
	uint32_t place;  /* number of further places of the same probe: they are one to the user */
	uint64_t semaphore;              /* file offset of a counter of its tracers; 0: none */
	const struct operands *operands; /* where arguments are; NULL: by the calling convention */
	uint32_t signature;   /* of a kernel function: its id in the types of its module */
	uint32_t length;      /* bytes that are watched */
	uint16_t argument;    /* offset in struct pt_regs of the register with their address */
	bool stops;           /* the process waits until they are */
	uint32_t perf_type;   /* perf_event_attr.type */
	uint64_t perf_config; /* perf_event_attr.config */
	uint64_t period; /* sample period, or frequency in Hz when by_frequency; ns for timers */
	bool by_frequency;
	bool one_cpu;    /* on one CPU only, otherwise on each */
	int32_t syscall; /* number, for CONTEXT_SYSCALL_*; -1 for all of them (raw_syscalls) */
	bool compat;     /* also count calls of the compat ABI (raw_syscalls) */
};

typedef VEC(struct probe_match) probe_matches;

/* What probe types need of the world; borrowed. */
struct probe_world {
	const struct host *host;
	struct kbtf *kbtf;
	struct functions *functions; /* of the kernel */
	int32_t pid;                 /* -p, 0 when none */
	bool unsafe;                 /* --unsafe */
	const char *vmlinux;         /* the kernel with symbols, NULL: where there is one */
	const char *program;         /* path of what -c runs, NULL when none */
	const struct processes
		*processes; /* what runs (that of -p alone, if given); NULL: ask host */
};

struct probe_type {
	const char *name;
	const char *aliases[3];
	const char *spelling;   /* "tracepoint:CATEGORY:EVENT", for messages and the man page */
	const char *doc;        /* one line */
	bool wildcard;          /* '*' matches several */
	const char *everything; /* what matches all that list shows; NULL when there is no such */
	bool mirrors;           /* what it lists is another type's, with another prefix */

	/*
	 * Adds all that spec matches to *ret, in a stable order; zero matches of a wildcard are no
	 * error. Unknown names and bad units are errors whose message says what is known ("did you
	 * mean …" goes into *suggestion if it has one; it may be NULL).
	 */
	struct error *(*match)(const struct probe_type *type, const struct probe_world *world,
		const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
		probe_matches *ret);

	/*
	 * The struct behind `args` of a match, made in types: 0 when it has none. For records the
	 * member offsets are those of the record; for syscalls the members are named as in the
	 * tracepoint's format and member i is argument i (enter: after __syscall_nr; exit: ret); of
	 * raw_syscalls: id and args[6], id and ret.  NULL: no args.
	 */
	struct error *(*arguments)(const struct probe_world *world, const struct probe_match *match,
		struct types *types, uint32_t *ret);

	/*
	 * Adds the names that a listing of all probes shows, in its order; texts in arena. What the
	 * user must fill in is left out: "software:faults:". NULL: none can be known without a
	 * file.
	 */
	struct error *(*list)(const struct probe_type *type, const struct probe_world *world,
		struct arena *arena, host_names *ret);

	/* Appends a line for each argument of a match as C declares it, "    int flags". ENODATA:
	 * a file says nothing about them. NULL: no args. */
	struct error *(*declare)(
		const struct probe_world *world, const struct probe_match *match, struct str *out);
};

/* All types, in the order of listings. */
extern const struct probe_type *const probe_types[];
extern const size_t probe_type_count;

/* By name or alias; NULL when there is none (then *suggestion, if given, has the nearest). */
const struct probe_type *probe_type_find(const char *name, struct suggestion *suggestion);

/* Looks the provider up and calls its match. */
struct error *probe_match(const struct probe_world *world, const struct probe_spec *spec,
	struct arena *arena, struct suggestion *suggestion, probe_matches *ret);

/* A number as attach points spell it: decimal (1_000, 1e6) or 0x…; false if it is none or does not
 * fit 64 bits. */
bool probe_number(const char *text, uint64_t *ret);

/* True when text matches pattern, where '*' stands for any characters. */
bool probe_wildcard(const char *pattern, const char *text);
