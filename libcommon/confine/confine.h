/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Least privilege: no other code of the project calls cap_*() or seccomp_*(). Privileges only ever
 * shrink. Source: capabilities(7), seccomp(2), libcap's and libseccomp's man pages.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcommon/base/error.h"
#include "libcommon/base/str.h"

/* A set of capabilities: bit CAP_x of linux/capability.h. */
typedef uint64_t capability_set;

#define CAPABILITY(cap) ((capability_set)1 << (cap))

/* The effective set of this process. */
capability_set privilege_effective(void);

/*
 * Drops all capabilities but those in keep from the effective and permitted sets, empties the
 * inheritable, ambient and bounding sets, and sets no_new_privs, so that executed programs gain
 * nothing. Cannot be undone: start programs that need the user's privileges before.
 */
struct error *privilege_keep(capability_set keep);

/*
 * Changes the user of this process to one that owns nothing: privilege_own_user, or else the
 * overflow id, without supplementary groups. Capabilities and open descriptors are kept. Requires
 * CAP_SETUID and CAP_SETGID, and an id that the user namespace maps; after an error the user is
 * unchanged. The process is then not dumpable and its parent death signal is cleared, see prctl(2).
 */
struct error *privilege_leave_user(void) _must_check_;

/* Changes the user and group of this process for good, without supplementary groups and without
 * keeping capabilities. Requires CAP_SETUID and CAP_SETGID. */
struct error *privilege_become(uid_t user, gid_t group) _must_check_;

/*
 * The uid and gid that privilege_leave_user changes to, in this process and its later children,
 * which can then signal each other; chosen by the first call.
 */
uid_t privilege_own_user(void);

/*
 * A private id is this plus the process id: systemd's "Users, Groups, UIDs and GIDs" leaves the
 * range unallocated. Processes of the overflow id, which many services share, could signal each
 * other.
 */
enum {
	PRIVILEGE_OWN_USER = 0x70000000,
	PRIVILEGE_NO_USER = 65534,
};

/*
 * Returns works(context), called while only the capabilities in these are effective; restores the
 * effective set. For finding out which privileges an operation needs.
 */
bool privilege_try(capability_set these, bool (*works)(void *context), void *context);

/* Appends the names, "cap_bpf cap_perfmon"; "none" for the empty set. */
void privilege_names(capability_set set, struct str *out);

/* Seccomp lists: the system calls that a process may use; others end it with SIGSYS. Rows of
 * sandbox.c have the calls of each. */
enum sandbox {
	SANDBOX_COMPILER, /* reads files, maps memory, writes its answer */
	SANDBOX_RUNNER,  /* after attach: records, maps by descriptor, timers, output, handing over,
			    exit */
	SANDBOX_WATCHER, /* opens breakpoints, continues the process that is traced */
	SANDBOX_GUARD,   /* waits for the watcher's end, continues the process that is traced */
	SANDBOX_KEEPER,  /* waits for the command of -c and its descendants, ends them */
	SANDBOX_NAMES,   /* asks the name services: reads files, connects, loads their libraries */
	SANDBOX_SYMBOLS, /* reads files and buffers of events, answers */
	SANDBOX_FETCHER, /* connects to servers, writes files, loads libraries, which have threads
			  */
	SANDBOX_PROGRESS, /* waits, writes to the terminal */
	NR_SANDBOXES,
};

/* Additions to the runner's list, a set of bits. */
enum sandbox_extra {
	SANDBOX_DIRECTORIES = 1, /* read directories */
	SANDBOX_FILES = 2,       /* read files */
};

/* Installs the list for this thread and all that it starts; it cannot be removed. */
struct error *sandbox_install(enum sandbox sandbox, unsigned extras);

/*
 * Confines a helper process: drops all capabilities but keep, changes the user if leave_user is set
 * and it is possible (privilege_leave_user), and installs the list.
 */
struct error *confine_process(enum sandbox sandbox, capability_set keep, bool leave_user);

/* Confines the compiler: drops all capabilities and installs its list. Called first in its main. */
struct error *confine_compiler(void);
