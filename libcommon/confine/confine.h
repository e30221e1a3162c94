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

/* What the process has in its effective set. */
capability_set privilege_effective(void);

/*
 * Keeps at most keep: everything else leaves the effective and permitted sets for good. The
 * inheritable, ambient and bounding sets are emptied whole and no_new_privs is set, so that no
 * later program gains anything either. What must start with the user's privileges is started
 * before.
 */
struct error *privilege_keep(capability_set keep);

/*
 * Calls works(context) while only the capabilities in these are effective, makes effective again
 * what was before, and returns its answer: how to find out what an operation needs.
 */
bool privilege_try(capability_set these, bool (*works)(void *context), void *context);

/* "cap_bpf cap_perfmon", "none" for the empty set. */
void privilege_names(capability_set set, struct str *out);

/* Seccomp lists: what a process may call from here on; anything else ends it with SIGSYS. Rows of
 * sandbox.c name the calls of each. */
enum sandbox {
	SANDBOX_COMPILER, /* reads files, maps memory, writes its answer */
	SANDBOX_RUNNER,  /* after attach: records, maps by descriptor, timers, output, handing over,
			    exit */
	SANDBOX_WATCHER, /* opens breakpoints, signals the process that is traced */
	NR_SANDBOXES,
};

/* What some runs need beyond the runner's list, a set of bits. */
enum sandbox_extra {
	SANDBOX_DIRECTORIES = 1, /* the names in directories may be read */
	SANDBOX_FILES = 2,       /* files may be read */
};

struct error *sandbox_install(enum sandbox sandbox, unsigned extras);

/* For the compiler's first line of main: every capability gone, its list installed. */
struct error *confine_compiler(void);
