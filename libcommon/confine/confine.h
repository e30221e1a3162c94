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

/* What the process has in its effective set. */
capability_set privilege_effective(void);

/*
 * Keeps at most keep: everything else leaves the effective, permitted, inheritable, ambient and
 * bounding sets for good, and no_new_privs is set.
 */
struct error *privilege_keep(capability_set keep);

/* "cap_bpf cap_perfmon", "none" for the empty set. */
void privilege_names(capability_set set, struct str *out);

/* Seccomp lists: what a process may call from here on; anything else ends it with SIGSYS. Rows of
 * sandbox.c name the calls of each. */
enum sandbox {
	SANDBOX_COMPILER, /* reads files, maps memory, writes its answer */
	SANDBOX_RUNNER,   /* after attach: records, maps by descriptor, timers, output, handing over, exit */
	NR_SANDBOXES,
};
struct error *sandbox_install(enum sandbox sandbox);

/* For the compiler's first line of main: every capability gone, its list installed. */
struct error *confine_compiler(void);
