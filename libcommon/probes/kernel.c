/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel.h"

#include <errno.h>
#include <string.h>

#include "libcommon/host/modules.h"
#include "renamed.h"
#include "rows.h"

const char *kernel_module(const struct kernel_function *function)
{
	return *function->module ? function->module : "vmlinux";
}

const char *kernel_full_name(
	const struct probe_ops *type, const struct kernel_function *function, struct arena *arena)
{
	return arena_join(
		arena, type->name, ":", kernel_module(function), ":", function->name, NULL);
}

bool kernel_matches(const struct kernel_function *function, const char *module, const char *name)
{
	return spec_wildcard(name, function->name) &&
	       (!module || spec_wildcard(module, kernel_module(function)));
}

static struct error *not_loaded(const char *what, const char *module)
{
	return error_new(ENOENT, "%s: module %s is not loaded; load it with modprobe %s", what,
		module, module);
}

/* No loaded module has the name; it may be an alias of one. */
static struct error *no_module(
	const struct probe_world *world, const char *module, const char *what, struct arena *arena)
{
	const char *found = modules_find(world->host, module, arena);

	if (!found)
		return error_new(ENOENT, "the kernel has no module %s", module);
	if (functions_has_module(world->functions, found))
		return error_new(
			ENOENT, "the kernel has no module %s; it is called %s", module, found);
	return not_loaded(what, found);
}

/* Suggests the nearest name; its attach point is in arena. */
static void suggest(const struct probe_world *world, const char *provider, const char *name,
	struct arena *arena, struct suggestion *suggestion)
{
	struct suggestion nearest = suggest_start(name);
	const kernel_functions *functions = NULL;
	const struct kernel_function *function;
	_cleanup_error_ struct error *error = functions_traceable(world->functions, &functions);

	if (error || !suggestion)
		return;
	vec_for_each (functions, function)
		suggest_offer(&nearest, function->name);
	if (!nearest.best)
		return;
	*suggestion = nearest;
	suggestion->best = arena_printf(arena, "%s:%s", provider, nearest.best);
}

/* No symbol has the name: it may be in a module that is not loaded. */
static struct error *absent(const struct probe_world *world, const char *provider, const char *name,
	struct arena *arena, struct suggestion *suggestion)
{
	const char *module = modules_find_symbol(world->host, name, arena);

	if (module)
		return not_loaded(name, module);
	suggest(world, provider, name, arena, suggestion);
	return error_new(ENOENT,
		"the kernel has no function %s (if its source has one, the compiler put it into "
		"its callers)",
		name);
}

/* Kernels rename functions, and give up some for tracepoints. */
static struct error *explain_renamed(const struct probe_world *world, const char *provider,
	const char *name, bool exists, struct arena *arena)
{
	struct renamed renamed;

	if (!renamed_function(world, provider, name, arena, &renamed))
		return NULL;
	return error_new(ENOENT,
		exists ? "%s cannot be traced: since %s there is %s instead"
		       : "the kernel has no function %s: since %s there is %s instead",
		name, renamed.since, renamed.now);
}

static struct error *explain_state(const struct probe_world *world, const char *provider,
	const char *name, enum function_state state, const char *variant, struct arena *arena,
	struct suggestion *suggestion)
{
	switch (state) {
	case FUNCTION_ABSENT: return absent(world, provider, name, arena, suggestion);
	case FUNCTION_DATA: return error_new(ENOENT, "%s is data, not a function", name);
	case FUNCTION_UNTRACED:
		return error_new(
			EINVAL, "%s cannot be traced: it is marked notrace or blacklisted", name);
	case FUNCTION_PARTIAL:
		if (suggestion) {
			*suggestion = suggest_start(name);
			suggestion->best = arena_printf(arena, "%s:%s", provider, variant);
		}
		return error_new(
			ENOENT, "the compiler emitted only a variant of %s: %s", name, variant);
	}
	return NULL;
}

static struct error *explain(const struct probe_world *world, const char *provider,
	const char *name, struct arena *arena, struct suggestion *suggestion)
{
	const char *variant = NULL;
	enum function_state state = functions_explain(world->functions, name, &variant);
	struct error *error =
		explain_renamed(world, provider, name, state != FUNCTION_ABSENT, arena);

	return error ? error
		     : explain_state(world, provider, name, state, variant, arena, suggestion);
}

struct error *kernel_check(
	const struct probe_world *world, const char *provider, enum obstacle kind)
{
	_cleanup_str_ struct str text = STR_INIT;

	if (!obstacle_in_kernel(world->host, kind, &text) &&
		!(world->refuses && world->refuses(world->refuses_context, kind, &text)))
		return NULL;
	return error_new(ENOTSUP, "%s: %s", provider, str_text(&text));
}

struct error *kernel_module_check(
	const struct probe_world *world, const char *module, const char *what, struct arena *arena)
{
	if (!module || strcmp(module, "vmlinux") == 0 || spec_is_wildcard(module) ||
		functions_has_module(world->functions, module))
		return NULL;
	return no_module(world, module, what, arena);
}

struct error *kernel_find(const struct probe_world *world, const char *provider, const char *module,
	const char *name, struct arena *arena, struct suggestion *suggestion,
	const struct kernel_function **ret)
{
	const char *its = module && strcmp(module, "vmlinux") == 0 ? "" : module;
	const struct kernel_function *function;
	const kernel_functions *all = NULL;
	struct error *error = functions_traceable(world->functions, &all);

	if (error)
		return error;
	function = functions_find(world->functions, its, name);
	if (function) {
		*ret = function;
		return NULL;
	}
	error = kernel_module_check(world, module, name, arena);
	if (error)
		return error;
	function = functions_find(world->functions, NULL, name);
	if (function)
		return error_new(ENOENT, "%s is no function of %s but of %s", name, module,
			kernel_module(function));
	return explain(world, provider, name, arena, suggestion);
}

/* --- functions that must not be probed --- */

#define HELD_AT_RETURN "the kernel's lock is held then, and a probe may ask for the same one"
#define HELD_AT_ENTRY  "the kernel's lock is still held then, and a probe may ask for the same one"
#define USED_BY_RETURN "the kernel takes this lock itself when it handles the return"

#define IN(kind)  (1u << DANGER_##kind)
#define AT_RETURN (IN(KRETPROBE) | IN(FEXIT))

/*
 * Locks that the kernel itself takes for return probes and for the maps and rings of programs. A
 * kretprobe replaces the return address and restores it under a lock. The kernel prevents recursion
 * of kprobe programs only, not of trampolines. Sources:
 * Documentation/trace/kprobes.rst, kernel/kprobes.c, kernel/bpf/trampoline.c of the kernel.
 */
static const struct {
	const char *pattern;
	unsigned kinds;
	const char *reason;
} dangers[] = {
	{"_raw_spin_lock*", AT_RETURN, HELD_AT_RETURN},
	{"_raw_spin_trylock*", AT_RETURN, HELD_AT_RETURN},
	{"_raw_read_lock*", AT_RETURN, HELD_AT_RETURN},
	{"_raw_read_trylock*", AT_RETURN, HELD_AT_RETURN},
	{"_raw_write_lock*", AT_RETURN, HELD_AT_RETURN},
	{"_raw_write_trylock*", AT_RETURN, HELD_AT_RETURN},
	{"do_raw_*lock*", AT_RETURN, HELD_AT_RETURN},
	{"*queued_spin_lock_slowpath", AT_RETURN, HELD_AT_RETURN},
	{"queued_read_lock_slowpath", AT_RETURN, HELD_AT_RETURN},
	{"queued_write_lock_slowpath", AT_RETURN, HELD_AT_RETURN},
	{"resilient_*_lock_slowpath", AT_RETURN, HELD_AT_RETURN},
	{"_raw_spin_unlock*", IN(KRETPROBE), USED_BY_RETURN},
	{"_raw_read_unlock*", IN(KRETPROBE), USED_BY_RETURN},
	{"_raw_write_unlock*", IN(KRETPROBE), USED_BY_RETURN},
	{"*queued_spin_unlock*", IN(KRETPROBE), USED_BY_RETURN},
	{"_raw_*_unlock*", IN(FENTRY), HELD_AT_ENTRY},
	{"*queued_spin_unlock*", IN(FENTRY), HELD_AT_ENTRY},
};

const char *kernel_danger(const struct probe_world *world, enum danger kind, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(dangers) && !world->unsafe; i++) {
		if ((dangers[i].kinds & 1u << kind) && spec_wildcard(dangers[i].pattern, name))
			return dangers[i].reason;
	}
	return NULL;
}

struct error *kernel_danger_error(const struct probe_world *world, enum danger kind,
	const struct probe_ops *type, const char *name)
{
	const char *reason = kernel_danger(world, kind, name);

	if (!reason)
		return NULL;
	return error_new(EPERM,
		"%s:%s can lock up the machine: %s; use --unsafe to attach it anyway", type->name,
		name, reason);
}
