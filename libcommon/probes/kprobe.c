/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of the kernel and its modules, at entry (kprobe), inside (kprobe with an offset) and
 * return (kretprobe), and code at an address. The kernel lists the functions that can be traced;
 * the error for another name explains what it is instead. Several functions can share a name: a
 * probe attaches to all of them, those of one module by one match, those of other modules by
 * further locations of the same probe.
 */
#include "rows.h"

#include <errno.h>
#include <string.h>

#include "kernel.h"
#include "libcommon/host/kbtf.h"
#include "signature.h"
#include "vmlinux.h"

/* The parts of "kprobe:MODULE:FUNCTION+OFFSET", or "kprobe:0xADDRESS". */
struct location {
	const char *module; /* NULL: any; can have wildcards, as name can */
	const char *name;
	uint64_t offset;
	uint64_t address; /* 0: by name */
};

static bool is_return(const struct probe_ops *type)
{
	return type == &probes_kprobe[1];
}

static const char *full_name(const struct probe_ops *type, const struct location *location,
	const struct kernel_function *function, struct arena *arena)
{
	if (location->module)
		return kernel_full_name(type, function, arena);
	return arena_join(arena, type->name, ":", function->name, NULL);
}

static struct probe_match *add(const struct probe_ops *type, const struct location *location,
	const struct kernel_function *function, struct arena *arena, probe_matches *ret)
{
	struct probe_match *match = vec_add(ret);
	const char *name = full_name(type, location, function, arena);
	const char *module = arena_strdup(arena, function->module);
	const char *symbol = strrchr(name, ':') + 1;

	*match = (struct probe_match){
		.type = type,
		.name = name,
		.function = symbol,
		.context = is_return(type) ? CONTEXT_REGS_RETURN : CONTEXT_REGS,
		.attach = location->offset ? ATTACH_KPROBE_INSIDE : ATTACH_KPROBE,
		.target = module,
		.module = module,
		.event = symbol,
		.address = location->offset,
		.function_offset = location->offset,
		.is_return = is_return(type),
	};
	if (location->offset)
		match->name =
			arena_printf(arena, "%s+%llu", name, (unsigned long long)location->offset);
	return match;
}

/* The same for a function that can have the name of one that was added before. */
static void add_another(const struct probe_ops *type, const struct location *location,
	const struct kernel_function *function, struct arena *arena, size_t first,
	probe_matches *ret)
{
	uint32_t further = 0;

	for (size_t i = first; i < ret->count; i++) {
		struct probe_match *other = &ret->items[i];

		if (strcmp(other->event, function->name) != 0)
			continue;
		if (strcmp(other->target, function->module) == 0) {
			other->shares_name = true;
			return;
		}
		further += location->module == NULL;
	}
	add(type, location, function, arena, ret)->location = further;
}

static const char *refusal_of(
	const struct probe_ops *type, const struct probe_world *world, const char *name)
{
	if (functions_is_blacklisted(world->functions, name))
		return KERNEL_BLACKLISTED;
	return kernel_danger(world, is_return(type) ? DANGER_KRETPROBE : DANGER_KPROBE, name);
}

/* Adds the traceable functions of a pattern; module NULL: any. */
static struct error *add_matching(const struct probe_ops *type, const struct probe_world *world,
	const struct location *location, const char *module, const char *name, struct arena *arena,
	probe_matches *ret)
{
	const kernel_functions *functions = NULL;
	const struct kernel_function *function;
	size_t before = ret->count;
	struct error *error = functions_traceable(world->functions, &functions);

	if (error)
		return error;
	vec_for_each (functions, function) {
		if (!kernel_matches(function, module, name))
			continue;
		if (functions_is_shared(world->functions, function->name))
			add_another(type, location, function, arena, before, ret);
		else
			add(type, location, function, arena, ret);
	}
	return NULL;
}

static struct error *match_all(const struct probe_ops *type, const struct probe_world *world,
	const struct location *location, struct arena *arena, probe_matches *ret)
{
	size_t before = ret->count;
	struct error *error =
		add_matching(type, world, location, location->module, location->name, arena, ret);

	if (error)
		return error;
	for (size_t i = before; i < ret->count; i++) {
		ret->items[i].optional = true;
		ret->items[i].refusal = refusal_of(type, world, ret->items[i].event);
	}
	return ret->count > before
		       ? NULL
		       : kernel_module_check(world, location->module, location->name, arena);
}

/* Adds all functions that share the name of found. */
static struct error *add_all_of(const struct probe_ops *type, const struct probe_world *world,
	const struct location *location, const struct kernel_function *found, struct arena *arena,
	probe_matches *ret)
{
	const char *module = location->module ? kernel_module(found) : NULL;
	size_t before = ret->count;
	struct error *error = add_matching(type, world, location, module, found->name, arena, ret);

	if (!error && ret->count == before)
		add(type, location, found, arena, ret);
	return error;
}

/* An offset needs a unique function. */
static struct error *check_offset(const struct probe_world *world, const struct location *location,
	struct arena *arena, probe_matches *ret, size_t before)
{
	if (!location->offset)
		return NULL;
	if (ret->count > before + 1 || vec_last(ret)->shares_name)
		return error_new(EINVAL,
			"%s+%llu is ambiguous: the kernel has several functions of this name",
			location->name, (unsigned long long)location->offset);
	return world->unsafe ? NULL : vmlinux_code(world, arena, vec_last(ret));
}

static struct error *match_one(const struct probe_ops *type, const struct probe_world *world,
	const struct location *location, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	const struct kernel_function *function = NULL;
	size_t before = ret->count;
	struct error *error;

	if (functions_is_blacklisted(world->functions, location->name))
		return error_new(EINVAL,
			"%s is blacklisted: " KERNEL_BLACKLISTED ", since it runs while probes are "
			"handled",
			location->name);
	error = kernel_danger_error(
		world, is_return(type) ? DANGER_KRETPROBE : DANGER_KPROBE, type, location->name);
	if (!error)
		error = kernel_find(world, type->name, location->module, location->name, arena,
			suggestion, &function);
	if (!error)
		error = add_all_of(type, world, location, function, arena, ret);
	return error ? error : check_offset(world, location, arena, ret, before);
}

/* Matches code at an address. Addresses of symbols are hidden from the compiler, so its function is
 * unknown. */
static struct error *match_address(const struct probe_ops *type, const struct probe_world *world,
	const struct location *location, struct arena *arena, probe_matches *ret)
{
	if (is_return(type) && !world->unsafe)
		return error_new(EPERM,
			"a return probe at the address of a lock function can lock up the machine; "
			"name the function, or use --unsafe");

	const char *text = arena_printf(arena, "0x%llx", (unsigned long long)location->address);

	*vec_add(ret) = (struct probe_match){
		.type = type,
		.name = arena_join(arena, type->name, ":", text, NULL),
		.function = text,
		.context = is_return(type) ? CONTEXT_REGS_RETURN : CONTEXT_REGS,
		.attach = ATTACH_KPROBE_ADDRESS,
		.target = "",
		.event = text,
		.address = location->address,
		.is_return = is_return(type),
	};
	return NULL;
}

/* "0xffffffff81000000" */
static struct error *parse_address(
	const struct probe_spec *spec, const char *text, struct location *ret)
{
	if (strncmp(text, "0x", 2) != 0)
		return NULL;
	if (!spec_number(text, &ret->address) || !ret->address)
		return error_new(EINVAL, "'%s' is not an address", text);
	if (spec->count != 1)
		return error_new(EINVAL, "'%s': an address has no module", text);
	return NULL;
}

/* "vfs_read", "vfs_read+9", "xfs:xfs_file_open". */
static struct error *parse_location(const struct probe_ops *type, const struct probe_spec *spec,
	struct arena *arena, struct location *ret)
{
	if (spec->count != 1 && spec->count != 2)
		return probe_misses(spec, type);

	const char *text = spec->parts[spec->count - 1];
	const char *plus = strrchr(text, '+');

	if (spec->count == 2)
		ret->module = spec->parts[0];
	if (plus && !spec_number(plus + 1, &ret->offset))
		return error_new(EINVAL, "'%s' is not an offset", plus + 1);
	ret->name = arena_strndup(arena, text, plus ? (size_t)(plus - text) : strlen(text));
	if (*ret->name == '\0' || (ret->module && *ret->module == '\0'))
		return probe_misses(spec, type);
	if (ret->offset && is_return(type))
		return error_new(EINVAL, "%s takes no offset", type->name);
	if (plus && spec_is_wildcard(ret->name))
		return error_new(EINVAL, "'%s': an offset needs one function", text);
	return parse_address(spec, text, ret);
}

static struct error *match(const struct probe_ops *type, const struct probe_world *world,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	struct location location = {};
	struct error *error = parse_location(type, spec, arena, &location);

	if (!error)
		error = kernel_check(world, type->name, OBSTACLE_KPROBE);
	if (error)
		return error;
	if (location.address)
		return match_address(type, world, &location, arena, ret);
	if (spec_is_wildcard(location.name) ||
		(location.module && spec_is_wildcard(location.module)))
		return match_all(type, world, &location, arena, ret);
	return match_one(type, world, &location, arena, suggestion, ret);
}

static struct error *list(const struct probe_ops *type, const struct probe_world *world,
	struct arena *arena, host_names *ret)
{
	const kernel_functions *functions = NULL;
	const struct kernel_function *function;
	struct error *error = kernel_check(world, type->name, OBSTACLE_KPROBE);

	if (!error)
		error = functions_listed(world->functions, &functions);
	if (error)
		return error;
	vec_for_each (functions, function) {
		if (!refusal_of(type, world, function->name))
			vec_push(ret, arena_join(arena, type->name, ":", function->name, NULL));
	}
	return NULL;
}

/* Nothing of functions that the kernel's types do not describe. */
static struct error *declare(
	const struct probe_world *world, const struct probe_match *match, struct str *out)
{
	const struct btf *btf = NULL;

	if (match->attach != ATTACH_KPROBE)
		return NULL;
	error_free(kbtf_module(world->kbtf, match->target, &btf));

	int32_t id = btf ? btf__find_by_name_kind(btf, match->event, BTF_KIND_FUNC) : -1;

	if (id <= 0)
		return NULL;

	const struct signature signature = {
		.btf = btf,
		.prototype = signature_prototype(btf, (uint32_t)id),
		.has_result = true,
	};

	return signature_declare(&signature, world->kbtf, out);
}

const struct probe_ops probes_kprobe[2] = {
	{
		.name = "kprobe",
		.aliases = {"k"},
		.spelling = "kprobe:FUNCTION",
		.doc = "entry of a function of the kernel",
		.wildcard = true,
		.everything = "kprobe:*",
		.match = match,
		.list = list,
		.declare = declare,
	},
	{
		.name = "kretprobe",
		.aliases = {"kr"},
		.spelling = "kretprobe:FUNCTION",
		.doc = "return from a function of the kernel",
		.wildcard = true,
		.everything = "kretprobe:*",
		.mirrors = true,
		.match = match,
		.list = list,
		.declare = declare,
	},
};
