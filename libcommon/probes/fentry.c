/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of the kernel entered by a trampoline, with their arguments by name: at entry (kfunc)
 * and at return (kretfunc), where the arguments are still known. A function needs two things: the
 * kernel must be able to trace it, and the types of the kernel, or of its module, must describe it.
 */
#include "rows.h"

#include <errno.h>
#include <string.h>

#include "kernel.h"
#include "libcommon/base/hashmap.h"
#include "libcommon/host/kbtf.h"
#include "signature.h"

enum {
	WORDS_MAX = 6, /* argument words that the trampolines of all kernels support */
};

#define UNDESCRIBED "the kernel's types do not describe it"
#define TOO_MANY    "it has too many arguments"
#define AMBIGUOUS   "the kernel has several functions of this name, of which its types describe one"
#define SHARED      "this kernel would attach to another function of the same name"

static bool is_exit(const struct probe_ops *type)
{
	return type == &probes_fentry[1] || type == &probes_fentry[3];
}

/* --- signatures --- */

static bool has_variable_arguments(const struct btf_type *prototype)
{
	uint32_t count = btf_vlen(prototype);

	return count && btf_params(prototype)[count - 1].type == 0;
}

/* Why a trampoline cannot be made for the function, NULL when it can. */
static const char *refusal_of(const struct btf *btf, uint32_t function)
{
	if (has_variable_arguments(signature_prototype(btf, function)))
		return "the number of its arguments varies";
	return kbtf_argument_words(btf, function) > WORDS_MAX ? TOO_MANY : NULL;
}

/* --- matching --- */

static void add(const struct probe_ops *type, const struct kernel_function *function, uint32_t id,
	struct arena *arena, probe_matches *ret)
{
	const char *name = kernel_full_name(type, function, arena);
	const char *module = arena_strdup(arena, function->module);
	const char *symbol = strrchr(name, ':') + 1;

	*vec_add(ret) = (struct probe_match){
		.type = type,
		.name = name,
		.function = symbol,
		.context = is_exit(type) ? CONTEXT_FEXIT : CONTEXT_FENTRY,
		.attach = is_exit(type) ? ATTACH_FEXIT : ATTACH_FENTRY,
		.target = module,
		.module = module,
		.event = symbol,
		.is_return = is_exit(type),
		.signature = id,
	};
}

/* Function ids in the types of one module, for the names that a pattern matches. */
struct described {
	const char *module;
	struct hashmap ids; /* name -> id, as a pointer */
};

static uint32_t id_of(const struct described *described, const char *name)
{
	void *id = hashmap_text_get(&described->ids, name);

	return (uint32_t)(uintptr_t)id;
}

struct index {
	VEC(struct described) modules;
	const char *pattern;
	const struct probe_world *world;
	enum {
		BY_UNKNOWN,
		BY_MODULE,
		BY_NAME
	} finds; /* how the kernel finds functions of modules */
};

static void index_deinit(struct index *index)
{
	for (size_t i = 0; i < index->modules.count; i++)
		hashmap_deinit(&index->modules.items[i].ids);
	vec_deinit(&index->modules);
}

static void describe(
	struct index *index, const struct btf *btf, bool of_kernel, struct hashmap *ids)
{
	const struct btf *base = btf__base_btf(btf);
	uint32_t first = of_kernel || !base ? 1 : btf__type_cnt(base);

	for (uint32_t id = first; id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		const char *name =
			btf_is_func(type) ? btf__name_by_offset(btf, type->name_off) : NULL;

		if (!name || !spec_wildcard(index->pattern, name))
			continue;
		void **slot = hashmap_text_slot(ids, name);

		if (!*slot)
			*slot = (void *)(uintptr_t)id;
	}
}

/* The id of a function, 0 when its module's types lack it. */
static uint32_t look_up(struct index *index, const struct kernel_function *function)
{
	struct described *described;

	vec_for_each (&index->modules, described) {
		if (strcmp(described->module, function->module) == 0)
			return id_of(described, function->name);
	}

	const struct btf *btf = NULL;
	_cleanup_error_ struct error *error =
		kbtf_module(index->world->kbtf, function->module, &btf);

	described = vec_add(&index->modules);
	described->module = function->module;
	if (!error)
		describe(index, btf, !*function->module, &described->ids);
	return id_of(described, function->name);
}

/* Before Linux 6.3 the kernel searched for the name alone, in itself first, though it knew the
 * module; the fix added this member. */
static bool finds_by_name(struct index *index)
{
	struct kbtf_member member = {"bpf_prog_aux", "mod", 0, false};

	if (index->finds == BY_UNKNOWN) {
		_cleanup_error_ struct error *error = kbtf_members(index->world->kbtf, &member, 1);

		index->finds = member.found ? BY_MODULE : BY_NAME;
	}
	return index->finds == BY_NAME;
}

/* Whether the kernel would attach to another function of that name. */
static bool is_mistaken(struct index *index, const struct kernel_function *function)
{
	return *function->module && functions_is_shared(index->world->functions, function->name) &&
	       finds_by_name(index);
}

static bool is_ambiguous(struct functions *functions, const struct kernel_function *function)
{
	return functions_is_shared(functions, function->name) &&
	       functions_is_ambiguous(functions, function->module, function->name);
}

static enum danger danger_of(const struct probe_ops *type)
{
	return is_exit(type) ? DANGER_FEXIT : DANGER_FENTRY;
}

/* Why a function cannot be probed, NULL when it can; *ret_id is 0 when BTF lacks it. */
static const char *refusal_in(
	struct index *index, const struct kernel_function *function, uint32_t *ret_id)
{
	const struct btf *btf = NULL;

	*ret_id = look_up(index, function);
	if (*ret_id)
		error_free(kbtf_module(index->world->kbtf, function->module, &btf));
	if (!btf)
		return UNDESCRIBED;
	if (is_ambiguous(index->world->functions, function))
		return AMBIGUOUS;
	return is_mistaken(index, function) ? SHARED : refusal_of(btf, *ret_id);
}

static struct error *match_all(const struct probe_ops *type, const struct probe_world *world,
	const char *module, const char *name, struct arena *arena, probe_matches *ret)
{
	const kernel_functions *functions = NULL;
	const struct kernel_function *function;
	size_t before = ret->count;
	_cleanup_(index_deinit) struct index index = {.pattern = name, .world = world};
	struct error *error = functions_traceable(world->functions, &functions);

	if (error)
		return error;
	vec_for_each (functions, function) {
		uint32_t id;

		if (!kernel_matches(function, module, name))
			continue;
		const char *refusal = refusal_in(&index, function, &id);

		if (!refusal)
			refusal = kernel_danger(world, danger_of(type), function->name);
		add(type, function, id, arena, ret);
		vec_last(ret)->optional = true;
		vec_last(ret)->refusal = refusal;
	}
	return ret->count > before ? NULL : kernel_module_check(world, module, name, arena);
}

/* BTF of a module lacks types that the kernel has, too: also functions with the same name and
 * arguments. */
static struct error *undescribed(const struct kernel_function *function, const struct btf *kernel,
	const struct btf *of_module)
{
	const char *module = function->module, *name = function->name;

	if (!*module)
		return error_new(EINVAL, "%s cannot be used here: " UNDESCRIBED "; use kprobe:%s",
			name, name);
	if (!of_module)
		return error_new(EINVAL,
			"%s cannot be used here: the types of this kernel do not describe the "
			"functions of the module %s; use kprobe:%s:%s",
			name, module, module, name);
	if (btf__find_by_name_kind(kernel, name, BTF_KIND_FUNC) > 0)
		return error_new(EINVAL,
			"%s cannot be used here: the types of the kernel describe one function for "
			"its own %s and that of the module %s; use kprobe:%s:%s",
			name, name, module, module, name);
	return error_new(EINVAL,
		"%s cannot be used here: the types of the module %s do not describe it; use "
		"kprobe:%s:%s",
		name, module, module, name);
}

static struct error *match_one(const struct probe_ops *type, const struct probe_world *world,
	const char *module, const char *name, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	_cleanup_(index_deinit) struct index index = {.pattern = name, .world = world};
	const struct kernel_function *function = NULL;
	const struct btf *kernel = NULL, *btf = NULL;
	struct error *error = kernel_danger_error(world, danger_of(type), type, name);

	if (!error)
		error = kernel_find(world, type->name, module, name, arena, suggestion, &function);
	if (!error && is_ambiguous(world->functions, function))
		error = error_new(EINVAL, "%s is ambiguous: " AMBIGUOUS "; use kprobe:%s%s%s", name,
			function->module, *function->module ? ":" : "", name);
	if (!error)
		error = kbtf_btf(world->kbtf, &kernel);
	if (error)
		return error;

	uint32_t id = look_up(&index, function);

	error_free(kbtf_module(world->kbtf, function->module, &btf));
	if (!id)
		return undescribed(function, kernel, btf);
	if (is_mistaken(&index, function))
		return error_new(EINVAL, "%s cannot be used here: " SHARED "; use kprobe:%s:%s",
			name, function->module, name);
	if (has_variable_arguments(signature_prototype(btf, id)))
		return error_new(EINVAL,
			"%s cannot be used here: the number of its arguments varies; use kprobe:%s",
			name, name);
	add(type, function, id, arena, ret);
	return NULL;
}

static struct error *match(const struct probe_ops *type, const struct probe_world *world,
	const struct probe_spec *spec, struct arena *arena, struct suggestion *suggestion,
	probe_matches *ret)
{
	if (spec->count != 1 && spec->count != 2)
		return probe_misses(spec, type);

	const char *module = spec->count == 2 ? spec->parts[0] : NULL;
	const char *name = spec->parts[spec->count - 1];
	struct error *error = kernel_check(world, type->name, OBSTACLE_FENTRY);

	if (error)
		return error;
	if (*name == '\0' || (module && *module == '\0'))
		return probe_misses(spec, type);
	if (spec_is_wildcard(name) || (module && spec_is_wildcard(module)))
		return match_all(type, world, module, name, arena, ret);
	return match_one(type, world, module, name, arena, suggestion, ret);
}

/* --- arguments --- */

static struct error *signature_of(
	const struct probe_world *world, const struct probe_match *match, struct signature *ret)
{
	const struct btf *btf = NULL;
	struct error *error = kbtf_module(world->kbtf, match->target, &btf);

	if (error)
		return error;
	*ret = (struct signature){
		.btf = btf,
		.prototype = signature_prototype(btf, match->signature),
		.has_result = match->is_return,
	};
	return NULL;
}

static struct error *arguments(const struct probe_world *world, const struct probe_match *match,
	struct types *types, uint32_t *ret)
{
	struct signature signature;
	struct error *error = signature_of(world, match, &signature);

	if (!error)
		*ret = signature_args(
			&signature, match->is_return ? "kretfunc_args" : "kfunc_args", types);
	return error;
}

static struct error *declare(
	const struct probe_world *world, const struct probe_match *match, struct str *out)
{
	struct signature signature;

	if (!match->signature)
		return NULL;

	struct error *error = signature_of(world, match, &signature);

	/* what a function returns is known at its entry, too */
	signature.has_result = true;
	return error ? error : signature_declare(&signature, world->kbtf, out);
}

static struct error *list(const struct probe_ops *type, const struct probe_world *world,
	struct arena *arena, host_names *ret)
{
	_cleanup_(index_deinit) struct index index = {.pattern = "*", .world = world};
	const kernel_functions *functions = NULL;
	const struct kernel_function *function;
	struct error *error = kernel_check(world, type->name, OBSTACLE_FENTRY);
	uint32_t id;

	if (!error)
		error = functions_listed(world->functions, &functions);
	if (error)
		return error;
	vec_for_each (functions, function) {
		if (!refusal_in(&index, function, &id) &&
			!kernel_danger(world, danger_of(type), function->name))
			vec_push(ret, kernel_full_name(type, function, arena));
	}
	return NULL;
}

/* Later versions call them fentry and fexit: probes are shown by the name that was written. */
const struct probe_ops probes_fentry[4] = {
	{
		.name = "kfunc",
		.aliases = {"f"},
		.spelling = "kfunc:MODULE:FUNCTION",
		.doc = "entry of a function of the kernel, with its arguments by name",
		.wildcard = true,
		.everything = "kfunc:*",
		.match = match,
		.arguments = arguments,
		.list = list,
		.declare = declare,
	},
	{
		.name = "kretfunc",
		.aliases = {"fr"},
		.spelling = "kretfunc:MODULE:FUNCTION",
		.doc = "return from a function of the kernel, with its arguments by name",
		.wildcard = true,
		.everything = "kretfunc:*",
		.mirrors = true,
		.match = match,
		.arguments = arguments,
		.list = list,
		.declare = declare,
	},
	{
		.name = "fentry",
		.spelling = "fentry:MODULE:FUNCTION",
		.doc = "the same as kfunc",
		.wildcard = true,
		.everything = "fentry:*",
		.mirrors = true,
		.match = match,
		.arguments = arguments,
		.list = list,
		.declare = declare,
	},
	{
		.name = "fexit",
		.spelling = "fexit:MODULE:FUNCTION",
		.doc = "the same as kretfunc",
		.wildcard = true,
		.everything = "fexit:*",
		.mirrors = true,
		.match = match,
		.arguments = arguments,
		.list = list,
		.declare = declare,
	},
};
