/* SPDX-License-Identifier: Apache-2.0 */
/* What the runner sets in a loaded object: before load the sizes, which depend on the machine, and
 * the constants of the run; afterwards the words of the state. */
#pragma once

#include "bpftrace/runner/data/traced.h"
#include "bpftrace/runner/process/tracee.h"
#include "libcommon/base/error.h"

/* Finds the constants of the run, traced->constants, once the bundle is read; by the kernel's types
 * in the file btf, "": those of the running kernel; features: those of the kernel. */
void fill_constants(struct traced *traced, const struct tracee *tracee, const struct host *host,
	const char *btf, uint64_t features);

/* Between opening and loading traced->object: sizes of rings, scratch and stacks, and the
 * constants; features: those of the kernel. */
struct error *fill_object(struct traced *traced, const struct host *host, uint64_t features);

/* After loading: maps the state, and finds the rings. */
struct error *fill_state(struct traced *traced);

/* Marks the moment from which on `elapsed` counts, and what the clock of nsecs(sw_tai) is ahead by;
 * right before BEGIN. */
void fill_start(struct traced *traced);
