/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manifest: metadata of the ELF object for the runner, JSON in the section bpftrace.manifest.
 * Texts live in the arena of the manifest's creator. Types are named by their struct name in the
 * object's .BTF; keys and values of maps are found through the .maps section.
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
#include "script_options.h"
#include "settings.h"

typedef struct span field_SPAN; /* within its source */

#define MANIFEST_VERSION 7

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

struct action_desc {
	const char *name;
	enum ring_kind ring;
	unsigned constants; /* enum site_constant */
};
extern const struct action_desc action_descs[NR_ACTIONS];

/* A call that user space finishes; records carry its index. */
struct manifest_site {
	enum action action;
	const char *record; /* struct of its records in .BTF */
	const char *text;   /* may hold NUL bytes: text_length counts */
	size_t text_length;
	uint32_t map;
	uint64_t top;
	uint64_t divisor;
	struct span span;
};

#define FIELD(KIND, name) field_##KIND name;
#define LIST(name, list, limit, fields)                                                            \
	struct manifest_##name {                                                                   \
		fields                                                                             \
	};
#include "manifest.def"
#undef LIST
#undef FIELD

struct manifest {
	const char *version;      /* of the compiler */
	const char *arch;         /* of the machine that it was made for, as uname -m */
	const char *kernel;       /* release it was made for; NULL when it fits every kernel */
	uint64_t kernel_identity; /* kbtf identity, 0 when the kernel's types were not used */
	struct settings settings;
	script_options options; /* of the script: getopt() */
	bool unsafe;
	bool is_newer; /* of the script's generation: in which forms values are shown */
	int helper_errors;
	bool follows_tai;        /* programs read tai_offset of the state */
	uint64_t features;       /* that programs rely on (libcommon/host/feature.h) */
	VEC(const char *) names; /* what `probe` and `func` yield: n is items[n - 1], 0 is none */
#define LIST(name, list, limit, fields) VEC(struct manifest_##name) list;
#include "manifest.def"
#undef LIST
	VEC(struct manifest_site) sites;
};

/* Whether the script has a call site with this action. */
bool manifest_has_action(const struct manifest *manifest, enum action action);

/* Adds the manifest's sources, for diagnostics at its spans; diags borrows their texts. */
void manifest_add_sources(const struct manifest *manifest, struct diags *diags);

/* Appends a diagnostic at a place in the sources; hint may be NULL. */
void manifest_show(const struct manifest *manifest, struct span span, const char *message,
	const char *hint, struct str *out);

void manifest_deinit(struct manifest *manifest);
json_t *manifest_to_json(const struct manifest *manifest);

/* Reads a manifest from hostile bytes. On success every index is in range and every constant that
 * an action requires is there. */
struct error *manifest_parse(
	const void *data, size_t size, struct arena *arena, struct manifest *ret);
