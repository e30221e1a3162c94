/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raw tracepoints: the hooks behind tracepoints, with their arguments as the kernel passes them.
 * For a hook X the types of the kernel, or of its module, have a typedef btf_trace_X. Hooks that
 * lack it are found by their events in tracefs, most of which have the hook's name, and their
 * module by the function __traceiter_X, which calls what is attached to the hook.
 */
#include "rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "libcommon/host/kbtf.h"
#include "libcommon/host/tracefs.h"
#include "signature.h"

#define BTF_PREFIX      "btf_trace_"
#define FUNCTION_PREFIX "__traceiter_"

/* A hook. */
struct hook {
	const char *name;
	const char *module; /* "" for the kernel itself; NULL: unknown */
};

typedef VEC(struct hook) hook_list;

static const char *shown_module(const struct hook *hook)
{
	return *hook->module ? hook->module : "vmlinux";
}

static const char *full_name(const struct hook *hook, bool with_module, struct arena *arena)
{
	if (!with_module || !hook->module)
		return arena_printf(arena, "rawtracepoint:%s", hook->name);
	return arena_printf(arena, "rawtracepoint:%s:%s", shown_module(hook), hook->name);
}

static void add(const struct hook *hook, bool with_module, struct arena *arena, probe_matches *ret)
{
	const char *name = arena_strdup(arena, hook->name);

	*vec_add(ret) = (struct probe_match){
		.type = &probes_rawtracepoint[0],
		.name = full_name(hook, with_module, arena),
		.function = name,
		.context = CONTEXT_RAW,
		.attach = ATTACH_RAW_TRACEPOINT,
		.target = name,
		.module = hook->module ? arena_strdup(arena, hook->module) : NULL,
	};
}

/* --- all hooks --- */

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct hook *)a)->name, ((const struct hook *)b)->name);
}

/* Those of the kernel come before those of modules, which the kernel finds only after them. */
static int compare(const void *a, const void *b)
{
	const struct hook *one = a, *other = b;
	int order = compare_names(a, b);

	if (order)
		return order;
	if (!one->module || !other->module)
		return !one->module - !other->module;
	return strcmp(one->module, other->module);
}

static void sort(hook_list *hooks)
{
	size_t kept = 0;

	if (hooks->count)
		qsort(hooks->items, hooks->count, sizeof(*hooks->items), compare);
	for (size_t i = 0; i < hooks->count; i++) {
		if (kept == 0 || strcmp(hooks->items[kept - 1].name, hooks->items[i].name) != 0)
			hooks->items[kept++] = hooks->items[i];
	}
	hooks->count = kept;
}

static void add_described(
	const struct probe_world *world, const char *module, struct arena *arena, hook_list *ret)
{
	host_names names = {};
	const char **name;

	kbtf_names_after(world->kbtf, module, BTF_PREFIX, arena, &names);
	vec_for_each (&names, name)
		vec_push(ret, ((struct hook){*name, module}));
	vec_deinit(&names);
}

/* The module of a hook that no types describe. */
static const char *calling_module(const struct probe_world *world, const char *name)
{
	_cleanup_str_ struct str caller = STR_INIT;
	const struct kernel_function *function;

	str_printf(&caller, FUNCTION_PREFIX "%s", name);
	function =
		world->functions ? functions_find(world->functions, NULL, str_text(&caller)) : NULL;
	return function ? function->module : NULL;
}

static bool is_known(const hook_list *hooks, size_t sorted, const char *name)
{
	const struct hook wanted = {.name = name};

	return sorted && bsearch(&wanted, hooks->items, sorted, sizeof(wanted), compare_names);
}

/* Events of system calls have no hooks of their own. */
static struct error *add_events(
	const struct probe_world *world, struct arena *arena, hook_list *ret)
{
	tracefs_events events = {};
	const struct tracefs_event *event;
	size_t sorted = ret->count;
	struct error *error = tracefs_list(world->host, arena, &events);

	if (error)
		return error;
	vec_for_each (&events, event) {
		if (strcmp(event->category, "syscalls") != 0 && !is_known(ret, sorted, event->name))
			vec_push(ret,
				((struct hook){event->name, calling_module(world, event->name)}));
	}
	vec_deinit(&events);
	return NULL;
}

/* All, sorted by name; an error only when there is neither BTF nor tracefs. */
static struct error *all_hooks(const struct probe_world *world, struct arena *arena, hook_list *ret)
{
	hook_list found = {};
	const char **module;

	if (world->kbtf) {
		add_described(world, "", arena, &found);
		vec_for_each (kbtf_modules(world->kbtf), module)
			add_described(world, *module, arena, &found);
	}
	sort(&found);

	struct error *error = add_events(world, arena, &found);

	if (error && found.count == 0)
		return error;
	error_free(error);
	sort(&found);
	*ret = found;
	return NULL;
}

/* --- matching --- */

static bool is_described(const struct probe_world *world, const char *module, const char *name)
{
	_cleanup_str_ struct str symbol = STR_INIT;

	str_printf(&symbol, BTF_PREFIX "%s", name);
	return world->kbtf && kbtf_module_has_name(world->kbtf, module, str_text(&symbol));
}

static bool matches(const struct hook *hook, const char *module, const char *name)
{
	if (!spec_wildcard(name, hook->name))
		return false;
	return !module || (hook->module && spec_wildcard(module, shown_module(hook)));
}

/* The error for a name that no hook has, or none of the module. */
static struct error *not_found(const struct probe_world *world, const hook_list *hooks,
	const char *module, const char *name, struct arena *arena, struct suggestion *suggestion)
{
	const struct hook *hook;
	struct suggestion nearest = suggest_start(name);
	struct error *error = kernel_module_check(world, module, name, arena);

	if (error)
		return error;
	vec_for_each (hooks, hook) {
		if (module && hook->module && strcmp(hook->name, name) == 0)
			return error_new(ENOENT, "%s is no raw tracepoint of %s but of %s", name,
				module, shown_module(hook));
		suggest_offer(&nearest, hook->name);
	}
	if (suggestion && nearest.best) {
		nearest.best = arena_printf(arena, "rawtracepoint:%s", nearest.best);
		*suggestion = nearest;
	}
	return error_new(ENOENT, "rawtracepoint not found: %s", name);
}

static struct error *match_all(const struct probe_world *world, const char *module,
	const char *name, struct arena *arena, struct suggestion *suggestion, probe_matches *ret)
{
	bool is_name = !spec_is_wildcard(name), several = !is_name;
	size_t before = ret->count;
	hook_list hooks = {};
	const struct hook *hook;
	struct error *error = all_hooks(world, arena, &hooks);

	if (error)
		return error;
	several |= module && spec_is_wildcard(module);
	vec_for_each (&hooks, hook) {
		if (matches(hook, module, name))
			add(hook, module || several, arena, ret);
	}
	if (ret->count == before)
		error = several ? kernel_module_check(world, module, name, arena)
				: not_found(world, &hooks, module, name, arena, suggestion);
	vec_deinit(&hooks);
	return error;
}

static struct error *match(const struct probe_ops *type, const struct probe_world *world,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	if (spec->count != 1 && spec->count != 2)
		return probe_misses(spec, type);

	const char *module = spec->count == 2 ? spec->parts[0] : NULL;
	const char *name = spec->parts[spec->count - 1];

	if (*name == '\0' || (module && *module == '\0'))
		return probe_misses(spec, type);

	/* faster than to collect all of them */
	if (!spec_is_wildcard(name) && (!module || strcmp(module, "vmlinux") == 0) &&
		is_described(world, "", name)) {
		add(&(struct hook){name, ""}, module != NULL, arena, ret);
		return NULL;
	}
	return match_all(world, module, name, arena, suggestion, ret);
}

static struct error *list(const struct probe_ops *type _unused_, const struct probe_world *world,
	struct arena *arena, host_names *ret)
{
	hook_list hooks = {};
	const struct hook *hook;
	struct error *error = all_hooks(world, arena, &hooks);

	if (error)
		return error;
	vec_for_each (&hooks, hook)
		vec_push(ret, full_name(hook, true, arena));
	vec_deinit(&hooks);
	return NULL;
}

/* --- arguments --- */

/* Parameters have names in functions only: in the one that is called when nothing is attached
 * (from Linux 6.4 on), and the one that calls what is attached. */
static const struct btf_type *find_prototype(const struct btf *btf, const char *name)
{
	static const char *const prefixes[] = {"__probestub_", FUNCTION_PREFIX};
	_cleanup_str_ struct str symbol = STR_INIT;
	int32_t id;

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		str_truncate(&symbol, 0);
		str_printf(&symbol, "%s%s", prefixes[i], name);
		id = btf__find_by_name_kind(btf, str_text(&symbol), BTF_KIND_FUNC);
		if (id > 0)
			return signature_prototype(btf, (uint32_t)id);
	}
	str_truncate(&symbol, 0);
	str_printf(&symbol, BTF_PREFIX "%s", name);
	id = btf__find_by_name_kind(btf, str_text(&symbol), BTF_KIND_TYPEDEF);

	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;

	if (type)
		type = btf__type_by_id(btf, type->type);
	if (type && btf_is_ptr(type))
		type = btf__type_by_id(btf, type->type);
	return type && btf_is_func_proto(type) ? type : NULL;
}

static struct error *signature_of(
	const struct probe_world *world, const struct probe_match *match, struct signature *ret)
{
	const char *module = match->module ? match->module : "";
	const struct btf *btf = NULL;
	const struct btf_type *prototype;
	_cleanup_error_ struct error *error = kbtf_module(world->kbtf, module, &btf);

	if (error)
		return error_new(ENODATA,
			"raw tracepoints have no args without types: %s; use arg0, arg1 …",
			error->message);
	prototype = find_prototype(btf, match->target);
	if (!prototype)
		return error_new(ENODATA,
			"raw tracepoints that the types of %s do not describe have no args; use "
			"arg0, arg1 …",
			*module ? module : "the kernel");

	/* the first parameter is what was registered with the hook, and is no word of the context
	 */
	*ret = (struct signature){.btf = btf, .prototype = prototype, .first = 1};
	return NULL;
}

static struct error *arguments(const struct probe_world *world, const struct probe_match *match,
	struct types *types, uint32_t *ret)
{
	struct signature signature;
	struct error *error = signature_of(world, match, &signature);

	if (!error)
		*ret = signature_args(&signature, "rawtracepoint_args", types);
	return error;
}

static struct error *declare(
	const struct probe_world *world, const struct probe_match *match, struct str *out)
{
	struct signature signature;
	struct error *error = signature_of(world, match, &signature);

	return error ? error : signature_declare(&signature, world->kbtf, out);
}

const struct probe_ops probes_rawtracepoint[1] = {{
	.name = "rawtracepoint",
	.aliases = {"rt"},
	.spelling = "rawtracepoint:EVENT",
	.alternative = "rawtracepoint:MODULE:EVENT",
	.doc = "a tracepoint of the kernel, with its arguments as the kernel passes them",
	.wildcard = true,
	.everything = "rawtracepoint:*",
	.match = match,
	.arguments = arguments,
	.list = list,
	.declare = declare,
}};
