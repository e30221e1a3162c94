/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of processes in the pid namespace that the runner is in, when that is not the initial
 * one: the constants from pidns on. */
#pragma once

#include <linux/bpf.h>
#include <stddef.h>

#include "bpftrace/door/state.h"
#include "libcommon/base/error.h"
#include "libcommon/host/host.h"
#include "libcommon/types/types.h"

/* Sets them, by the kernel's types in the file btf (""); leaves them alone in the initial
 * namespace, and where the bundle, whose types these are, does not read them. */
struct error *pid_namespace_find(const struct host *host, const char *btf,
	const struct types *types, struct constants *constants);

enum { PID_NAMESPACE_INSTRUCTIONS = 40 }; /* at the most */

/* Writes instructions that leave the number of the current process in r0, and returns how many.
 * They use r0 to r5, r7 to r9, and 24 bytes of the stack. */
size_t pid_namespace_number(const struct constants *constants, struct bpf_insn *ret);
