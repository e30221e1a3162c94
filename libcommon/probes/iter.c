/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Iterators: the kernel walks over its objects of a kind and calls the program for each. An
 * iterator X shows in the kernel's types as a function bpf_iter_X and the struct bpf_iter__X, which
 * is the program's context. Source: Documentation/bpf/bpf_iterators.rst of the kernel.
 */
#include "rows.h"

#include <errno.h>
#include <string.h>

#include "kernel.h"
#include "libcommon/base/hashmap.h"
#include "libcommon/host/kbtf.h"

#define FUNCTION "bpf_iter_"
#define CONTEXT  "bpf_iter__"
#define PINS     "/sys/fs/bpf"

/* The first member of every context: the iterator itself, not an object. */
#define META "meta"

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Adds the names of all iterators, sorted: those with both a function and a context struct. */
static void all_names(const struct probe_world *world, struct arena *arena, host_names *ret)
{
	_cleanup_hashmap_ struct hashmap functions = HASHMAP_INIT;
	host_names names = {}, contexts = {};
	const char **name;

	kbtf_names_after(world->kbtf, "", FUNCTION, arena, &names);
	kbtf_names_after(world->kbtf, "", CONTEXT, arena, &contexts);
	vec_for_each (&names, name)
		*hashmap_text_slot(&functions, *name) = &functions;
	vec_for_each (&contexts, name) {
		if (hashmap_text_get(&functions, *name))
			vec_push(ret, *name);
	}
	vec_deinit(&names);
	vec_deinit(&contexts);
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), compare);
}

static void add(const char *name, const char *pin, struct arena *arena, probe_matches *ret)
{
	*vec_add(ret) = (struct probe_match){
		.type = &probes_iter[0],
		.name = arena_printf(arena, "iter:%s", name),
		.function = arena_strdup(arena, name),
		.context = CONTEXT_ITER,
		.attach = ATTACH_ITER,
		.target = pin,
		.event = arena_strdup(arena, name),
	};
}

/* Makes the path absolute, below the BPF file system if it is relative; "" for none. */
static const char *pin_path(const struct probe_spec *spec, struct arena *arena)
{
	const char *pin = spec->count == 2 ? spec->parts[1] : "";

	if (!*pin || *pin == '/')
		return pin;
	return arena_printf(arena, PINS "/%s", pin);
}

static struct error *unknown(const char *wanted, const host_names *names, struct arena *arena,
	struct suggestion *suggestion)
{
	struct suggestion nearest = suggest_start(wanted);
	const char **name;

	vec_for_each (names, name)
		suggest_offer(&nearest, *name);
	if (suggestion && nearest.best) {
		nearest.best = arena_printf(arena, "iter:%s", nearest.best);
		*suggestion = nearest;
	}
	return error_new(
		ENOENT, "the kernel has no iterator %s; bpftrace -l 'iter:*' shows them", wanted);
}

static struct error *match(const struct probe_ops *type, const struct probe_world *world,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	if (spec->count != 1 && spec->count != 2)
		return probe_misses(spec, type);

	host_names names = {};
	const char **name, *wanted = spec->parts[0];
	size_t before = ret->count;
	const struct btf *btf;
	struct error *error = NULL;

	all_names(world, arena, &names);
	if (names.count == 0)
		error = kbtf_btf(world->kbtf, &btf);
	vec_for_each (&names, name) {
		if (spec_wildcard(wanted, *name))
			add(*name, pin_path(spec, arena), arena, ret);
	}
	if (!error && ret->count == before && !spec_is_wildcard(wanted))
		error = unknown(wanted, &names, arena, suggestion);
	vec_deinit(&names);
	return error;
}

/* The struct that is the context of an iterator's programs. */
static struct error *find_context(const struct probe_world *world, const struct probe_match *match,
	const struct btf **ret_btf, uint32_t *ret)
{
	_cleanup_str_ struct str name = STR_INIT;
	struct error *error = kbtf_btf(world->kbtf, ret_btf);

	if (error)
		return error;
	str_printf(&name, CONTEXT "%s", match->event);

	int32_t id = btf__find_by_name_kind(*ret_btf, str_text(&name), BTF_KIND_STRUCT);

	if (id <= 0)
		return error_new(ENOENT, "the kernel's types have no struct %s", str_text(&name));
	*ret = (uint32_t)id;
	return NULL;
}

static struct error *arguments(const struct probe_world *world, const struct probe_match *match,
	struct types *types, uint32_t *ret)
{
	const struct btf *btf = NULL;
	uint32_t id = 0;
	struct error *error = find_context(world, match, &btf, &id);

	if (!error)
		*ret = types_import(types, btf, id);
	return error;
}

/* Pointers are in anonymous unions with a 64-bit integer. */
static struct error *declare_members(
	struct kbtf *kbtf, const struct btf *btf, const struct btf_type *type, struct str *out)
{
	const struct btf_member *members = btf_members(type);
	struct error *error = NULL;

	for (uint32_t i = 0; i < btf_vlen(type) && !error; i++) {
		const char *name = btf__name_by_offset(btf, members[i].name_off);
		const struct btf_type *inner = btf__type_by_id(btf, members[i].type);

		if (name && strcmp(name, META) == 0)
			continue;
		if (name && *name) {
			str_append(out, "    ");
			error = kbtf_declare(kbtf, btf, members[i].type, name, out);
			str_append_char(out, '\n');
		} else if (btf_is_composite(inner)) {
			error = declare_members(kbtf, btf, inner, out);
		}
	}
	return error;
}

static struct error *declare(
	const struct probe_world *world, const struct probe_match *match, struct str *out)
{
	const struct btf *btf = NULL;
	uint32_t id = 0;
	struct error *error = find_context(world, match, &btf, &id);

	if (error)
		return error;
	return declare_members(world->kbtf, btf, btf__type_by_id(btf, id), out);
}

static struct error *list(const struct probe_ops *type _unused_, const struct probe_world *world,
	struct arena *arena, host_names *ret)
{
	host_names names = {};
	const char **name;

	all_names(world, arena, &names);
	vec_for_each (&names, name)
		vec_push(ret, arena_printf(arena, "iter:%s", *name));
	vec_deinit(&names);
	return NULL;
}

const struct probe_ops probes_iter[1] = {{
	.name = "iter",
	.aliases = {"it"},
	.spelling = "iter:NAME:PIN",
	.doc = "each of the kernel's objects of a kind, once",
	.wildcard = true,
	.everything = "iter:*",
	.match = match,
	.arguments = arguments,
	.list = list,
	.declare = declare,
}};
