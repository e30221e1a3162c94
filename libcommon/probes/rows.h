/* SPDX-License-Identifier: Apache-2.0 */
/* The ops of all probe types, for the table in probe.c, and functions that several types share. */
#pragma once

#include "probe.h"

extern const struct probe_ops probes_special[2];
extern const struct probe_ops probes_self[1];
extern const struct probe_ops probes_tracepoint[1];
extern const struct probe_ops probes_rawtracepoint[1];
extern const struct probe_ops probes_kprobe[2];
extern const struct probe_ops probes_fentry[4];
extern const struct probe_ops probes_iter[1];
extern const struct probe_ops probes_uprobe[2];
extern const struct probe_ops probes_usdt[1];
extern const struct probe_ops probes_watchpoint[2];
extern const struct probe_ops probes_timer[2];
extern const struct probe_ops probes_perf[2];

/* Bytes of code that are read behind a location inside a function: the longest instruction of any
 * architecture. */
enum { LONGEST_INSTRUCTION = 16 };

/* The error of all types for a spec that has too few or too many parts. */
struct error *probe_misses(const struct probe_spec *spec, const struct probe_ops *type);

/* Suggests what a pattern for names that the type lists may mean, unless there is a suggestion. */
void suggested_listed(const struct probe_world *world, const struct probe_ops *type,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion);

/* The same for one without a type: "CATEGORY:EVENT", as perf spells a tracepoint. */
void suggested_type(const struct probe_world *world, const struct probe_spec *spec,
	struct arena *arena, struct suggestion *suggestion);

/* A name as attach points spell it: in quotes where needed, wildcards escaped. Returns part itself,
 * or a text in arena. */
const char *spec_spell(const char *part, struct arena *arena);

/* Whether a part has an unescaped '*'. */
bool spec_is_wildcard(const char *text);

/* The name that a part without wildcards stands for: "a*b" for "a\*b". In arena. */
const char *spec_literal(const char *part, struct arena *arena);
