/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of the kernel and its modules, at entry (kprobe), inside (kprobe with an offset) and
 * return (kretprobe). The kernel lists what can be traced; a name that is not there is explained by
 * what it is instead. Several functions can share a name, which then stands for the first one.
 */
#include "rows.h"

#include <errno.h>
#include <string.h>

#include "kernel.h"
#include "vmlinux.h"

/* The parts of "kprobe:MODULE:FUNCTION+OFFSET". */
struct place {
	const char *module; /* NULL: any; may be a wildcard as the name */
	const char *name;
	uint64_t offset;
};

static const char *full_name(const struct probe_type *type, const struct place *place,
	const struct kernel_function *function, struct arena *arena)
{
	if (place->module)
		return kernel_full_name(type, function, arena);
	return arena_join(arena, type->name, ":", function->name, NULL);
}

static struct probe_match *add(const struct probe_type *type, const struct place *place,
	const struct kernel_function *function, struct arena *arena, probe_matches *ret)
{
	struct probe_match *match = vec_add(ret);
	bool is_return = type == &probes_kprobe[1];
	const char *name = full_name(type, place, function, arena);
	const char *module = arena_strdup(arena, function->module);
	const char *symbol = strrchr(name, ':') + 1;

	*match = (struct probe_match){
		.type = type,
		.name = name,
		.function = symbol,
		.context = is_return ? CONTEXT_REGS_RETURN : CONTEXT_REGS,
		.attach = place->offset ? ATTACH_KPROBE_INSIDE : ATTACH_KPROBE,
		.target = module,
		.module = module,
		.event = symbol,
		.address = place->offset,
		.inside = place->offset,
		.is_return = is_return,
	};
	if (place->offset)
		match->name =
			arena_printf(arena, "%s+%llu", name, (unsigned long long)place->offset);
	return match;
}

static struct error *match_all(const struct probe_type *type, const struct probe_world *world,
	const struct place *place, struct arena *arena, probe_matches *ret)
{
	const kernel_functions *functions = NULL;
	const struct kernel_function *function;
	size_t before = ret->count;
	struct error *error = functions_traceable(world->functions, &functions);

	if (error)
		return error;
	vec_for_each (functions, function) {
		if (!kernel_is_meant(function, place->module, place->name))
			continue;
		struct probe_match *match = add(type, place, function, arena, ret);

		match->optional = true;
		if (functions_is_blacklisted(world->functions, function->name))
			match->refusal = KERNEL_BLACKLISTED;
	}
	return ret->count > before ? NULL
				   : kernel_module_check(world, place->module, place->name, arena);
}

static struct error *match_one(const struct probe_type *type, const struct probe_world *world,
	const struct place *place, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	const struct kernel_function *function = NULL;
	struct error *error;

	if (functions_is_blacklisted(world->functions, place->name))
		return error_new(EINVAL,
			"%s is blacklisted: " KERNEL_BLACKLISTED ", since it runs while probes are "
			"handled",
			place->name);
	error = kernel_find(
		world, type->name, place->module, place->name, arena, suggestion, &function);
	if (error)
		return error;

	struct probe_match *match = add(type, place, function, arena, ret);

	return place->offset && !world->unsafe ? vmlinux_code(world, arena, match) : NULL;
}

/* "vfs_read", "vfs_read+9", "xfs:xfs_file_open". */
static struct error *parse_place(const struct probe_type *type, const struct probe_spec *spec,
	struct arena *arena, struct place *ret)
{
	if (spec->count != 1 && spec->count != 2)
		return spec_misses(spec, type);

	const char *text = spec->parts[spec->count - 1];
	const char *plus = strrchr(text, '+');

	if (spec->count == 2)
		ret->module = spec->parts[0];
	if (plus && !probe_number(plus + 1, &ret->offset))
		return error_new(EINVAL, "'%s' is not an offset", plus + 1);
	ret->name = arena_strndup(arena, text, plus ? (size_t)(plus - text) : strlen(text));
	if (*ret->name == '\0' || (ret->module && *ret->module == '\0'))
		return spec_misses(spec, type);
	if (ret->offset && type == &probes_kprobe[1])
		return error_new(EINVAL, "%s takes no offset", type->name);
	if (plus && spec_is_wildcard(ret->name))
		return error_new(EINVAL, "'%s': an offset needs one function", text);
	return NULL;
}

static struct error *match(const struct probe_type *type, const struct probe_world *world,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	struct place place = {};
	struct error *error = parse_place(type, spec, arena, &place);

	if (!error)
		error = kernel_check(world, type->name, OBSTACLE_KPROBE);
	if (error)
		return error;
	if (spec_is_wildcard(place.name) || (place.module && spec_is_wildcard(place.module)))
		return match_all(type, world, &place, arena, ret);
	return match_one(type, world, &place, arena, suggestion, ret);
}

static struct error *list(const struct probe_type *type, const struct probe_world *world,
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
		if (!functions_is_blacklisted(world->functions, function->name))
			vec_push(ret, arena_join(arena, type->name, ":", function->name, NULL));
	}
	return NULL;
}

const struct probe_type probes_kprobe[2] = {
	{
		.name = "kprobe",
		.aliases = {"k"},
		.spelling = "kprobe:FUNCTION",
		.doc = "entry of a function of the kernel",
		.wildcard = true,
		.everything = "kprobe:*",
		.match = match,
		.list = list,
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
	},
};
