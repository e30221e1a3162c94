/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions about names, members, functions and the identity look at the files only (btf_image.h),
 * which costs a few milliseconds and little memory; they are parsed when somebody needs types.
 */
#include "kbtf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "btf_check.h"
#include "btf_image.h"
#include "declarator.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/hashmap.h"

#define FOLDER  "/sys/kernel/btf"
#define VMLINUX FOLDER "/vmlinux"

/* A module and its types. */
struct module {
	const char *name;
	struct btf *btf;
};

struct kbtf {
	const struct host *host;
	char *path; /* NULL: VMLINUX of the host */
	struct btf *btf;
	uint64_t identity;
	bool members_used;
	struct arena arena; /* names of modules */
	VEC(struct module) modules;
	host_names names; /* of all modules that have types */
	bool names_known;

	struct declarator declarator; /* of the BTF that was asked for last */
};

struct kbtf *kbtf_new(const struct host *host, const char *path)
{
	struct kbtf *kbtf = xcalloc(1, sizeof(*kbtf));

	kbtf->host = host;
	kbtf->path = path ? xstrdup(path) : NULL;
	return kbtf;
}

void kbtf_free(struct kbtf *kbtf)
{
	if (!kbtf)
		return;
	declarator_deinit(&kbtf->declarator);
	for (size_t i = 0; i < kbtf->modules.count; i++)
		btf__free(kbtf->modules.items[i].btf);
	vec_deinit(&kbtf->modules);
	vec_deinit(&kbtf->names);
	arena_deinit(&kbtf->arena);
	btf__free(kbtf->btf);
	free(kbtf->path);
	free(kbtf);
}

static const char *image_name(const struct kbtf *kbtf)
{
	return kbtf->path ? kbtf->path : VMLINUX;
}

static struct error *image_open(const struct kbtf *kbtf, struct btf_image *ret)
{
	int fd = -1;
	struct error *error = kbtf->path ? host_open_named(kbtf->host, kbtf->path, &fd)
					 : host_open(kbtf->host, VMLINUX, O_RDONLY, &fd);

	if (error)
		return error_prefix(error, "no types of the kernel");
	error = btf_image_init(ret, fd);
	return error ? error_prefix(error, "no types of the kernel: %s", image_name(kbtf)) : NULL;
}

/* "" is the kernel itself. */
static struct error *open_module(const struct kbtf *kbtf, const char *module, struct btf_image *ret)
{
	_cleanup_free_ char *path = xasprintf(FOLDER "/%s", module);
	int fd = -1;

	if (!*module)
		return image_open(kbtf, ret);
	if (kbtf->path)
		return error_new(ENOTSUP, "no types of the module %s: they do not belong to %s",
			module, kbtf->path);
	struct error *error = host_open(kbtf->host, path, O_RDONLY, &fd);

	if (!error)
		error = btf_image_init(ret, fd);
	return error ? error_prefix(error, "no types of the module %s", module) : NULL;
}

/* The whole file. */
static struct error *read_bytes(const struct kbtf *kbtf, const char *module, struct btf_bytes *ret)
{
	_cleanup_btf_image_ struct btf_image image = {.fd = -1};
	struct error *error = open_module(kbtf, module, &image);

	if (error)
		return error;
	error = btf_image_read(&image, ret);
	return error ? error_prefix(error, "the types of %s", *module ? module : image_name(kbtf))
		     : NULL;
}

/* --- names --- */

static uint64_t search_names(
	const struct kbtf *kbtf, const char *module, const char *const *names, size_t count)
{
	_cleanup_btf_image_ struct btf_image image = {.fd = -1};
	_cleanup_error_ struct error *error = open_module(kbtf, module, &image);

	return error ? 0 : btf_image_find(&image, names, count);
}

uint64_t kbtf_has_names(struct kbtf *kbtf, const char *const *names, size_t count)
{
	return search_names(kbtf, "", names, count);
}

bool kbtf_has_name(struct kbtf *kbtf, const char *name)
{
	return search_names(kbtf, "", &name, 1);
}

bool kbtf_module_has_name(struct kbtf *kbtf, const char *module, const char *name)
{
	return search_names(kbtf, module, &name, 1);
}

/* The names that begin with prefix. */
struct collection {
	const char *prefix;
	struct arena *arena;
	host_names *names;
};

static void collect_string(void *context, const char *string, size_t length)
{
	struct collection *collection = context;
	size_t size = strlen(collection->prefix);

	if (length > size && memcmp(string, collection->prefix, size) == 0)
		vec_push(collection->names,
			arena_strndup(collection->arena, string + size, length - size));
}

void kbtf_names_after(struct kbtf *kbtf, const char *module, const char *prefix,
	struct arena *arena, host_names *ret)
{
	struct collection collection = {prefix, arena, ret};
	_cleanup_btf_image_ struct btf_image image = {.fd = -1};
	_cleanup_error_ struct error *error = open_module(kbtf, module, &image);

	if (!error)
		btf_image_visit(&image, collect_string, &collection);
}

/* --- types --- */

static void cleanup_btf(struct btf **btf)
{
	btf__free(*btf);
}

struct error *kbtf_btf(struct kbtf *kbtf, const struct btf **ret)
{
	_cleanup_btf_bytes_ struct btf_bytes bytes = {};
	struct error *error;

	if (kbtf->btf) {
		*ret = kbtf->btf;
		return NULL;
	}
	error = read_bytes(kbtf, "", &bytes);
	if (error)
		return error;

	_cleanup_(cleanup_btf) struct btf *btf = btf__new(bytes.data, (uint32_t)bytes.size);

	if (!btf)
		return error_system(errno, "no types of the kernel: %s", image_name(kbtf));
	error = bytes.is_kernels ? NULL : btf_check(btf);
	if (error)
		return error_prefix(error, "no types of the kernel: %s", image_name(kbtf));
	*ret = kbtf->btf = TAKE(btf);
	return NULL;
}

/* Libbpf 1.1 reads split BTF by a path only. */
static struct error *read_module(struct kbtf *kbtf, const char *name, struct btf **ret)
{
	_cleanup_btf_image_ struct btf_image image = {.fd = -1};
	struct error *error = open_module(kbtf, name, &image);

	if (error)
		return error;

	_cleanup_free_ char *opened = xasprintf("/proc/self/fd/%d", image.fd);

	_cleanup_(cleanup_btf) struct btf *btf = btf__parse_raw_split(opened, kbtf->btf);

	if (!btf)
		return error_system(errno, "no types of the module %s", name);
	error = btf_image_is_kernels(&image) ? NULL : btf_check(btf);
	if (error)
		return error_prefix(error, "no types of the module %s", name);
	*ret = TAKE(btf);
	return NULL;
}

struct error *kbtf_module(struct kbtf *kbtf, const char *module, const struct btf **ret)
{
	struct btf *btf = NULL;
	const struct module *known;
	const struct btf *base = NULL;
	struct error *error = kbtf_btf(kbtf, &base);

	if (error)
		return error;
	if (!*module) {
		*ret = base;
		return NULL;
	}
	vec_for_each (&kbtf->modules, known) {
		if (strcmp(known->name, module) == 0) {
			*ret = known->btf;
			return NULL;
		}
	}
	error = read_module(kbtf, module, &btf);
	if (error)
		return error;
	*vec_add(&kbtf->modules) =
		(struct module){.name = arena_strdup(&kbtf->arena, module), .btf = btf};
	*ret = btf;
	return NULL;
}

const host_names *kbtf_modules(struct kbtf *kbtf)
{
	host_names all = {};
	const char **name;

	if (kbtf->names_known || kbtf->path)
		return &kbtf->names;
	kbtf->names_known = true;
	error_free(host_read_dir(kbtf->host, FOLDER, &kbtf->arena, &all));
	vec_for_each (&all, name) {
		if (strcmp(*name, "vmlinux") != 0)
			vec_push(&kbtf->names, *name);
	}
	vec_deinit(&all);
	return &kbtf->names;
}

struct error *kbtf_declare(
	struct kbtf *kbtf, const struct btf *btf, uint32_t type, const char *name, struct str *out)
{
	const char *text;

	if (kbtf->declarator.btf != btf) {
		declarator_deinit(&kbtf->declarator);
		kbtf->declarator = declarator_make(btf);
	}

	struct error *error = declarator_spell(&kbtf->declarator, type, name, 0, &text);

	if (!error)
		str_append(out, text);
	return error;
}

/* --- a few questions without parsing --- */

static void find_member(
	const struct btf_bytes *bytes, const struct btf_type *type, struct kbtf_member *wanted)
{
	const struct btf_member *members = (const struct btf_member *)(type + 1);

	if (wanted->found || strcmp(btf_bytes_text(bytes, type->name_off), wanted->type) != 0)
		return;
	for (uint32_t i = 0; i < BTF_INFO_VLEN(type->info); i++) {
		if (strcmp(btf_bytes_text(bytes, members[i].name_off), wanted->name) != 0)
			continue;
		wanted->bits = BTF_INFO_KFLAG(type->info) ? BTF_MEMBER_BIT_OFFSET(members[i].offset)
							  : members[i].offset;
		wanted->found = true;
	}
}

struct error *kbtf_members(struct kbtf *kbtf, struct kbtf_member *members, size_t count)
{
	_cleanup_btf_bytes_ struct btf_bytes bytes = {};
	struct error *error = read_bytes(kbtf, "", &bytes);
	const char *at = bytes.types;

	if (error)
		return error;
	kbtf->members_used = true;
	for (const struct btf_type *type; (type = btf_bytes_next(&bytes, &at));) {
		for (size_t i = 0; BTF_INFO_KIND(type->info) == BTF_KIND_STRUCT && i < count; i++)
			find_member(&bytes, type, &members[i]);
	}
	for (size_t i = 0; i < count; i++) {
		if (!members[i].found)
			return error_new(ENOENT, "the kernel's types have no %s.%s",
				members[i].type, members[i].name);
	}
	return NULL;
}

uint32_t kbtf_size(struct kbtf *kbtf, const char *name)
{
	_cleanup_btf_bytes_ struct btf_bytes bytes = {};
	_cleanup_error_ struct error *error = read_bytes(kbtf, "", &bytes);
	const char *at = bytes.types;

	if (error)
		return 0;
	for (const struct btf_type *type; (type = btf_bytes_next(&bytes, &at));) {
		if (BTF_INFO_KIND(type->info) == BTF_KIND_STRUCT &&
			strcmp(btf_bytes_text(&bytes, type->name_off), name) == 0)
			return type->size;
	}
	return 0;
}

/* Ids and strings of a module continue those of the kernel. */
struct base {
	uint32_t ids;
	uint64_t strings_size;
	const struct btf_bytes *kernel;
};

static void find_ids(const struct btf_bytes *bytes, const struct base *base, struct hashmap *wanted)
{
	const char *at = bytes->types;
	const struct btf_type *type;

	for (uint32_t id = base->ids; (type = btf_bytes_next(bytes, &at)); id++) {
		uint32_t offset = type->name_off;

		if (BTF_INFO_KIND(type->info) != BTF_KIND_FUNC)
			continue;

		const char *name = offset < base->strings_size
					   ? btf_bytes_text(base->kernel, offset)
					   : btf_bytes_text(bytes, offset - base->strings_size);
		struct kbtf_function *function = hashmap_text_get(wanted, name);

		if (function && !function->id)
			function->id = id;
	}
}

/* Those of the module of the first one. */
static void find_functions(struct kbtf *kbtf, const struct btf_bytes *kernel,
	struct kbtf_function *functions, size_t count)
{
	const char *module = functions->module, *at = kernel->types;
	_cleanup_btf_bytes_ struct btf_bytes bytes = {};
	_cleanup_hashmap_ struct hashmap wanted = HASHMAP_INIT;
	struct base base = {.ids = 1, .kernel = kernel};

	for (size_t i = 0; i < count; i++) {
		if (strcmp(functions[i].module, module) != 0)
			continue;
		functions[i].id = 0;
		*hashmap_text_slot(&wanted, functions[i].name) = &functions[i];
	}
	if (!*module) {
		find_ids(kernel, &base, &wanted);
	} else {
		_cleanup_error_ struct error *error = read_bytes(kbtf, module, &bytes);

		base.strings_size = kernel->strings_size;
		while (btf_bytes_next(kernel, &at))
			base.ids++;
		if (!error)
			find_ids(&bytes, &base, &wanted);
	}
	for (size_t i = 0; i < count; i++) {
		const struct kbtf_function *found = hashmap_text_get(&wanted, functions[i].name);

		if (strcmp(functions[i].module, module) == 0)
			functions[i].id = found->id;
	}
}

/* Whether an earlier one is of the same module. */
static bool is_done(const struct kbtf_function *functions, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (strcmp(functions[i].module, functions[at].module) == 0)
			return true;
	}
	return false;
}

struct error *kbtf_functions(struct kbtf *kbtf, struct kbtf_function *functions, size_t count)
{
	_cleanup_btf_bytes_ struct btf_bytes kernel = {};
	struct error *error = read_bytes(kbtf, "", &kernel);

	for (size_t i = 0; !error && i < count; i++) {
		if (!is_done(functions, i))
			find_functions(kbtf, &kernel, functions + i, count - i);
	}
	return error;
}

uint32_t kbtf_words(const struct btf *btf, uint32_t type)
{
	int64_t size = btf__resolve_size(btf, type);

	return size > 0 ? (uint32_t)((size + sizeof(uint64_t) - 1) / sizeof(uint64_t)) : 1;
}

uint32_t kbtf_argument_words(const struct btf *btf, uint32_t function)
{
	const struct btf_type *prototype =
		btf__type_by_id(btf, btf__type_by_id(btf, function)->type);
	uint32_t words = 0;

	for (uint32_t i = 0; i < btf_vlen(prototype); i++)
		words += kbtf_words(btf, btf_params(prototype)[i].type);
	return words;
}

bool kbtf_was_used(const struct kbtf *kbtf)
{
	return kbtf->btf || kbtf->members_used;
}

struct error *kbtf_identity(struct kbtf *kbtf, uint64_t *ret)
{
	if (kbtf->identity == 0) {
		_cleanup_btf_image_ struct btf_image image = {.fd = -1};
		struct error *error = image_open(kbtf, &image);

		if (error)
			return error;
		error = btf_image_identity(&image, &kbtf->identity);
		if (error)
			return error_prefix(error, "no types of the kernel: %s", image_name(kbtf));
	}
	*ret = kbtf->identity;
	return NULL;
}
