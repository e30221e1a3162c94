/* SPDX-License-Identifier: Apache-2.0 */
/* Processes, CPUs and the kernel's release, from /proc and /sys. See proc(5). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "host.h"

/* Fails where /proc or /sys is not mounted, as in a bare chroot: without them nothing is known
 * about the kernel. */
struct error *procfs_check_mounts(const struct host *host);

/* Fails with ESRCH when nothing runs under this number, with EINVAL when it is a thread; the
 * message names the thread's process. */
struct error *procfs_check_process(const struct host *host, int32_t pid);

/* Appends the path of the process's program, without the mark of a deleted file. */
struct error *procfs_program(const struct host *host, int32_t pid, struct str *out);

/* Appends the release, as uname -r prints it. */
struct error *procfs_release(const struct host *host, struct str *out);

struct kernel_version {
	uint32_t numbers[3]; /* 6, 1, 124 */
};

/* The version that the kernel's sources have: that of the release, but where the distribution
 * counts releases of its own. */
struct error *procfs_version(const struct host *host, struct kernel_version *ret);

typedef VEC(uint32_t) procfs_cpus;

/* Adds the numbers of the CPUs that are on. */
struct error *procfs_online_cpus(const struct host *host, procfs_cpus *ret);

/* One more than the highest CPU number there can be: the size of per-CPU values and tables. */
struct error *procfs_possible_cpus(const struct host *host, uint32_t *ret);
