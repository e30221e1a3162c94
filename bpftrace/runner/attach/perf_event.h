/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that run when a perf event occurs; for kinds that use such events. */
#pragma once

#include <dirent.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "libcommon/base/error.h"
#include "libcommon/confine/confine.h"
#include "libcommon/host/host.h"

struct attachment;
struct attachments;

/*
 * Opens the event and lets the program run at it: by a BPF link that carries the cookie
 * (Linux 5.15), else by PERF_EVENT_IOC_SET_BPF, without it. Closing *ret_fd detaches. Returns 0 or
 * an errno value. Source: perf_event_open(2).
 */
int perf_event_attach(const struct perf_event_attr *attr, pid_t pid, int cpu, int program_fd,
	uint64_t cookie, int *ret_fd);

/*
 * The same for all threads of the process that /proc shows under this number, also those that it
 * starts later; adds a descriptor for each to *ret. Children that the process forks count, too,
 * before Linux 5.13: programs test for themselves. Returns 0 or an errno value.
 */
int perf_event_attach_process(const struct host *host, const struct perf_event_attr *attr,
	int32_t shown_pid, int program_fd, uint64_t cookie, struct attachment *ret);

/* The same in two steps, the second of which needs no privilege for /proc; the numbers in /proc
 * must be those of this pid namespace (pidns_is_shown). Returns the list of threads, owned by the
 * caller (closedir), or NULL when the process has ended. */
DIR *perf_event_threads(const struct host *host, int32_t shown_pid);
int perf_event_attach_threads(DIR *directory, const struct perf_event_attr *attr, int program_fd,
	uint64_t cookie, struct attachment *ret);

/* Whether the machine counts anything in hardware. */
bool perf_event_has_hardware(void);

/*
 * The capability that opening perf events requires beyond CAP_PERFMON: CAP_SYS_ADMIN with
 * kernel.perf_event_paranoid of 3, which some kernels have (Debian's).
 */
capability_set perf_event_needs(const struct attachments *attachments);

/* A kind of perf events that the kernel shows as a folder in /sys. */
struct perf_unit {
	uint32_t type;   /* perf_event_attr.type */
	uint64_t config; /* perf_event_attr.config: the bit for returns, where they are wanted */
};
struct error *perf_event_unit(
	const struct host *host, const char *folder, bool is_return, struct perf_unit *ret);

/* The first CPU that is on, for events that are the same on all. */
int perf_event_cpu(const struct host *host);
