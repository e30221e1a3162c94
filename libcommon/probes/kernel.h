/* SPDX-License-Identifier: Apache-2.0 */
/* What the types of probes in functions of the kernel share: which function is meant by a name, and
 * why there is none. */
#pragma once

#include "libcommon/host/obstacles.h"
#include "probe.h"

#define KERNEL_BLACKLISTED "the kernel forbids probes there"

/* Its module as attach points spell it: the kernel itself is "vmlinux". */
const char *kernel_module(const struct kernel_function *function);

/* "TYPE:MODULE:FUNCTION", in the arena. */
const char *kernel_full_name(
	const struct probe_type *type, const struct kernel_function *function, struct arena *arena);

/* Whether the function fits both patterns; module NULL: any. */
bool kernel_is_meant(const struct kernel_function *function, const char *module, const char *name);

/* The error when the module that an attach point names is not there; NULL for several (wildcards),
 * for the kernel itself, and without one. what is the function or pattern. */
struct error *kernel_module_check(
	const struct probe_world *world, const char *module, const char *what, struct arena *arena);

/* The error when the kernel was built without this kind of probes. */
struct error *kernel_check(
	const struct probe_world *world, const char *provider, enum obstacle kind);

/*
 * The traceable function of the name; module NULL: of any. The error says what the name is instead:
 * blacklisted, untraced, inlined, of a module that is not loaded … and *suggestion (may be NULL)
 * gets the attach point that may have been meant, of the type named provider.
 */
struct error *kernel_find(const struct probe_world *world, const char *provider, const char *module,
	const char *name, struct arena *arena, struct suggestion *suggestion,
	const struct kernel_function **ret);
