/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of this folder's files, for the table in probe.c, and what several of these files need.
 */
#pragma once

#include "probe.h"

extern const struct probe_type probes_special[2];
extern const struct probe_type probes_tracepoint[1];
extern const struct probe_type probes_rawtracepoint[1];
extern const struct probe_type probes_kprobe[2];
extern const struct probe_type probes_fentry[2];
extern const struct probe_type probes_iter[1];
extern const struct probe_type probes_uprobe[2];
extern const struct probe_type probes_usdt[1];
extern const struct probe_type probes_watchpoint[2];
extern const struct probe_type probes_timer[2];
extern const struct probe_type probes_perf[2];

/* In bytes, of any architecture: so much code is read beyond a place inside of a function. */
enum { LONGEST_INSTRUCTION = 16 };

/* The error of all types for a spec that has too few or too many parts. */
struct error *spec_misses(const struct probe_spec *spec, const struct probe_type *type);

bool spec_is_wildcard(const char *text);
