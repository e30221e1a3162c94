/* SPDX-License-Identifier: Apache-2.0 */
/* The pid namespace that this process is in, the one whose numbers /proc shows, and where the
 * kernel's types keep numbers of tasks in such a namespace. See pid_namespaces(7). */
#pragma once

#include "host.h"
#include "kbtf.h"

/* Whether it is the one that the kernel started with; also where /proc does not show it. */
bool pidns_is_initial(const struct host *host);

/*
 * /proc may be of a namespace above ours: "unshare --pid" without --mount-proc. Whether its numbers
 * are ours; the number under which it shows one of our processes, pid itself where that is not
 * found; and our number of what it has a folder for ("/proc/70/task/71"), 0 where that is not
 * found.
 */
bool pidns_is_shown(const struct host *host);
int32_t pidns_shown(const struct host *host, int32_t pid);
int32_t pidns_number(const struct host *host, const char *folder);

/* Offsets in bytes. A struct pid has an array of numbers, one for each level of namespaces. */
struct pidns_layout {
	uint32_t task_pid;    /* task_struct.thread_pid, a struct pid * */
	uint32_t task_leader; /* task_struct.group_leader */
	uint32_t pid_level;   /* pid.level */
	uint32_t pid_numbers; /* pid.numbers */
};

/* What an element of the array is; pidns_layout fails where the kernel has it otherwise. */
struct pidns_upid {
	int32_t number;
	uint32_t hole;
	uint64_t namespace;
};

struct error *pidns_layout(struct kbtf *kbtf, struct pidns_layout *ret);
