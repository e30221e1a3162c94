/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of the kernel by name, for the probe types that attach to them. */
#pragma once

#include "libcommon/host/obstacles.h"
#include "probe.h"

#define KERNEL_BLACKLISTED "the kernel forbids probes there"

/* The function's module as attach points spell it; "vmlinux" for the kernel itself. */
const char *kernel_module(const struct kernel_function *function);

/* "TYPE:MODULE:FUNCTION", in the arena. */
const char *kernel_full_name(
	const struct probe_ops *type, const struct kernel_function *function, struct arena *arena);

/* Whether the function matches both patterns; module NULL: any. */
bool kernel_matches(const struct kernel_function *function, const char *module, const char *name);

/* Returns an error when the module of an attach point is not loaded; NULL for wildcards, for the
 * kernel itself, and without a module. what: the function or pattern, for the message. */
struct error *kernel_module_check(
	const struct probe_world *world, const char *module, const char *what, struct arena *arena);

/* Returns an error when the kernel was built without this kind of probes. */
struct error *kernel_check(
	const struct probe_world *world, const char *provider, enum obstacle kind);

/*
 * Finds the traceable function of the name; module NULL: of any module. The error explains what the
 * name is instead: blacklisted, notrace, inlined, of a module that is not loaded … *suggestion (may
 * be NULL) is set to the attach point that was probably meant, of the type named provider.
 */
struct error *kernel_find(const struct probe_world *world, const char *provider, const char *module,
	const char *name, struct arena *arena, struct suggestion *suggestion,
	const struct kernel_function **ret);

/* How a probe intercepts a function. */
enum danger {
	DANGER_KPROBE,
	DANGER_KRETPROBE,
	DANGER_FENTRY,
	DANGER_FEXIT,
};

/* Why such a probe of the function can lock up the machine; NULL when it is not known to, or
 * --unsafe permits it. */
const char *kernel_danger(const struct probe_world *world, enum danger kind, const char *name);

/* The same as an error for an attach point that names the function. */
struct error *kernel_danger_error(const struct probe_world *world, enum danger kind,
	const struct probe_ops *type, const char *name);
