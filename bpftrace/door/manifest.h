/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manifest: what the runner needs to know beyond the ELF object, in the section
 * bpftrace.manifest as JSON. Texts live in the arena of whoever made the manifest. Types are named
 * by their struct name in the object's .BTF; keys and values of maps are found through the .maps
 * section.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/arena.h"
#include "libcommon/base/diag.h"
#include "libcommon/base/error.h"
#include "libcommon/base/json.h"
#include "libcommon/base/vec.h"
#include "libcommon/probes/probe.h"
#include "settings.h"

#define MANIFEST_VERSION 1

enum site_constant {
	SITE_TEXT = 1,
	SITE_MAP = 2,
	SITE_TOP = 4,
	SITE_DIVISOR = 8,
};

enum action {
#define ACTION(NAME, name, ring, constants, doc) ACTION_##NAME,
#include "actions.def"
#undef ACTION
	NR_ACTIONS,
};

enum ring_kind {
	RING_DATA,
	RING_CONTROL,
	RING_PACKETS, /* perf buffers: a packet follows each record */
};

struct action_row {
	const char *name;
	enum ring_kind ring;
	unsigned constants; /* enum site_constant */
};
extern const struct action_row action_rows[NR_ACTIONS];

/* A call that user space finishes; records carry its index. */
struct manifest_site {
	enum action action;
	const char *record; /* struct of its records in .BTF */
	const char *text;   /* may hold NUL bytes: text_length counts */
	size_t text_length;
	uint32_t map;
	uint64_t top;
	uint64_t divisor;
	struct span span; /* in the script */
};

struct manifest_map {
	const char *name;   /* "@x" */
	const char *symbol; /* in the ELF object: "AT_x" */
	const char *other;  /* symbol of its second generation, NULL when the map is never taken */
	bool keyed;         /* otherwise one element { value, uint64 set } at index 0 */
	bool per_cpu;
};

/* One attachment of one program; the probes that name it are its members. */
struct manifest_link {
	const char *program; /* function in the ELF object */
	struct span span;    /* of the blocks that it runs, in the script */
	enum attach_kind attach;
	const char *target; /* RAW_TRACEPOINT, SYSCALL: event of the raw tracepoint */
	bool is_return;
	uint32_t perf_type;
	uint64_t perf_config;
	uint64_t period;
	bool by_frequency;
	bool one_cpu;
};

/* An attach point as the user counts them, resolved. Its index is what `probe` yields. */
struct manifest_probe {
	const char *name;
	const char *function;
	uint32_t link;
	const char *target; /* TRACEPOINT: category; UPROBE: path; KPROBE: module; ITER: pin */
	const char *event;
	int32_t process;    /* UPROBE: path is below the root of this process; 0: below ours */
	uint64_t address;   /* UPROBE: file offset; KPROBE_INSIDE: offset in the function */
	uint64_t semaphore; /* UPROBE: file offset of a counter of tracers, 0 when there is none */
	uint32_t length;    /* WATCHPOINT, WATCH_ARGUMENT: bytes */
	uint16_t argument;  /* WATCH_ARGUMENT: offset in struct pt_regs */
	bool stops;         /* WATCH_ARGUMENT: the process, until its memory is watched */
	bool is_further;    /* another place of a probe that users count once */
	bool optional;      /* a member of a wildcard: the others are attached without it */
	uint64_t cookie;    /* equals the probe's index where programs ask for it */
};

struct manifest {
	const char *version;      /* of the compiler */
	const char *kernel;       /* release it was made for; NULL when it fits every kernel */
	uint64_t kernel_identity; /* kbtf identity, 0 when the kernel's types were not used */
	const char *source_name;
	const char *source_text;
	struct settings settings;
	bool unsafe;
	int helper_errors;
	bool follows_tai;  /* programs read tai_offset of the state */
	uint64_t features; /* that programs rely on (libcommon/host/feature.h) */
	VEC(struct manifest_probe) probes;
	VEC(struct manifest_link) links;
	VEC(struct manifest_map) maps;
	VEC(struct manifest_site) sites;
};

/* Whether a call site of the script asks for it. */
bool manifest_has_action(const struct manifest *manifest, enum action action);

void manifest_deinit(struct manifest *manifest);
json_t *manifest_to_json(const struct manifest *manifest);

/* Reads a manifest from hostile bytes: every index is in range, every constant that an action needs
 * is there, every text is a text. */
struct error *manifest_parse(
	const void *data, size_t size, struct arena *arena, struct manifest *ret);
