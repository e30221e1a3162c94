/* SPDX-License-Identifier: Apache-2.0 */
/* Offsets of what distinguishes the processes of one pid, and the programs that each of them
 * executes: the constants from task_is_typed on. */
#pragma once

#include "bpftrace/door/state.h"
#include "libcommon/base/error.h"
#include "libcommon/host/host.h"

/* Sets them, by the kernel's types in the file btf ("": those of the running kernel); features:
 * those of the kernel. Leaves them alone when it fails. */
struct error *task_layout_find(
	const struct host *host, const char *btf, uint64_t features, struct constants *constants);
