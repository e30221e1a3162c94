/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file is read in windows that slide over it, so that asking for names or the identity costs a
 * millisecond and no memory; only questions about types hold it as a whole.
 */
#include "kbtf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "btf_image.h"
#include "libcommon/base/alloc.h"

#define FOLDER  "/sys/kernel/btf"
#define VMLINUX FOLDER "/vmlinux"

enum {
	WINDOW = 1 << 16,
	NAMES_MAX = 64,
};

struct module {
	char *name;
	struct btf *btf;
};

struct kbtf {
	const struct host *host;
	char *path; /* NULL: VMLINUX of the host */
	struct btf *btf;
	uint64_t identity;
	bool members_used;
	VEC(struct module) modules;

	/* what writes declarations of the types of dumped_btf */
	struct btf_dump *dump;
	const struct btf *dumped_btf;
	struct str dumped;
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
	btf_dump__free(kbtf->dump);
	str_deinit(&kbtf->dumped);
	for (size_t i = 0; i < kbtf->modules.count; i++) {
		btf__free(kbtf->modules.items[i].btf);
		free(kbtf->modules.items[i].name);
	}
	vec_deinit(&kbtf->modules);
	btf__free(kbtf->btf);
	free(kbtf->path);
	free(kbtf);
}

static const char *file_name(const struct kbtf *kbtf)
{
	return kbtf->path ? kbtf->path : VMLINUX;
}

static struct error *open_file(const struct kbtf *kbtf, struct btf_image *ret)
{
	struct error *error = NULL;
	int fd = -1;

	if (kbtf->path)
		fd = open(kbtf->path, O_RDONLY | O_CLOEXEC);
	else
		error = host_open(kbtf->host, VMLINUX, O_RDONLY, &fd);
	if (error)
		return error_prefix(error, "no types of the kernel");
	if (fd < 0)
		return error_system(errno, "no types of the kernel: %s", file_name(kbtf));
	error = btf_image_open(fd, ret);
	if (error)
		return error_prefix(error, "no types of the kernel: %s", file_name(kbtf));
	return NULL;
}

/* The names that are looked for. */
struct search {
	const char *const *names;
	size_t lengths[NAMES_MAX];
	size_t count;
	uint64_t any_length; /* bit per length (63: or more): most strings fail this test */
	uint64_t found;
};

static uint64_t length_bit(size_t length)
{
	return UINT64_C(1) << MIN(length, (size_t)63);
}

static void search_string(void *context, const char *string, size_t length)
{
	struct search *search = context;

	if (!(search->any_length & length_bit(length)))
		return;
	for (size_t i = 0; i < search->count; i++) {
		if (search->lengths[i] == length && memcmp(search->names[i], string, length) == 0)
			search->found |= UINT64_C(1) << i;
	}
}

/* Goes over the whole strings in the window and returns how many bytes that were. */
static size_t visit_window(
	const char *window, size_t size, void (*visit)(void *, const char *, size_t), void *context)
{
	size_t done = 0;

	while (done < size) {
		const char *end = memchr(window + done, '\0', size - done);

		if (!end)
			break;

		size_t length = (size_t)(end - (window + done));

		visit(context, window + done, length);
		done += length + 1;
	}
	return done;
}

/* Calls visit for every string, which is valid only during the call; the rest after an error is
 * left out. */
static void visit_strings(
	struct kbtf *kbtf, void (*visit)(void *, const char *, size_t), void *context)
{
	_cleanup_(btf_image_deinit) struct btf_image image = BTF_IMAGE_NONE;
	_cleanup_error_ struct error *error = open_file(kbtf, &image);
	_cleanup_free_ char *window = xmalloc(WINDOW);
	uint64_t at = 0;
	size_t filled = 0;

	while (!error && at < image.strings_size) {
		size_t wanted = (size_t)MIN((uint64_t)(WINDOW - filled), image.strings_size - at);
		size_t got = btf_image_read(&image, window + filled, wanted, image.strings + at);

		if (got == 0)
			return;
		at += got;
		filled += got;

		size_t done = visit_window(window, filled, visit, context);

		/* A string that fills the window is no name. */
		if (done == 0 && filled == WINDOW)
			done = filled;
		memmove(window, window + done, filled - done);
		filled -= done;
	}
}

uint64_t kbtf_has_names(struct kbtf *kbtf, const char *const *names, size_t count)
{
	struct search search = {.names = names, .count = MIN(count, (size_t)NAMES_MAX)};

	for (size_t i = 0; i < search.count; i++) {
		search.lengths[i] = strlen(names[i]);
		search.any_length |= length_bit(search.lengths[i]);
	}
	visit_strings(kbtf, search_string, &search);
	return search.found;
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

void kbtf_names_after(struct kbtf *kbtf, const char *prefix, struct arena *arena, host_names *ret)
{
	struct collection collection = {prefix, arena, ret};

	visit_strings(kbtf, collect_string, &collection);
}

bool kbtf_has_name(struct kbtf *kbtf, const char *name)
{
	return kbtf_has_names(kbtf, &name, 1);
}

/* A file that a user names may be any. */
static struct error *load_file(const struct kbtf *kbtf, struct btf_image *ret)
{
	_cleanup_(btf_image_deinit) struct btf_image image = BTF_IMAGE_NONE;
	struct error *error = open_file(kbtf, &image);

	if (error)
		return error;
	error = btf_image_load(&image, !kbtf->path);
	if (error)
		return error_prefix(error, "no types of the kernel: %s", file_name(kbtf));
	*ret = image;
	image = BTF_IMAGE_NONE;
	return NULL;
}

struct error *kbtf_btf(struct kbtf *kbtf, const struct btf **ret)
{
	if (kbtf->btf) {
		*ret = kbtf->btf;
		return NULL;
	}

	_cleanup_(btf_image_deinit) struct btf_image image = BTF_IMAGE_NONE;
	struct error *error = load_file(kbtf, &image);

	if (error)
		return error;

	struct btf *btf = btf__new(image.data, (uint32_t)image.size);

	if (!btf)
		return error_system(errno, "no types of the kernel: %s", file_name(kbtf));
	*ret = kbtf->btf = btf;
	return NULL;
}

/* Libbpf 1.1 takes types that are based on others by a path only. */
static struct error *read_module(struct kbtf *kbtf, const char *name, struct btf **ret)
{
	_cleanup_free_ char *path = xasprintf(FOLDER "/%s", name);
	_cleanup_close_ int fd = -1;
	struct error *error = host_open(kbtf->host, path, O_RDONLY, &fd);

	if (error)
		return error_prefix(error, "no types of the module %s", name);

	_cleanup_free_ char *opened = xasprintf("/proc/self/fd/%d", fd);

	*ret = btf__parse_split(opened, kbtf->btf);
	return *ret ? NULL : error_system(errno, "no types of the module %s", name);
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
	*vec_add(&kbtf->modules) = (struct module){.name = xstrdup(module), .btf = btf};
	*ret = btf;
	return NULL;
}

static void append(void *context, const char *format, va_list args) _printf_(2, 0);

static void append(void *context, const char *format, va_list args)
{
	str_vprintf(context, format, args);
}

struct error *kbtf_declare(
	struct kbtf *kbtf, const struct btf *btf, uint32_t type, const char *name, struct str *out)
{
	LIBBPF_OPTS(btf_dump_emit_type_decl_opts, options, .field_name = name);

	if (kbtf->dumped_btf != btf) {
		btf_dump__free(kbtf->dump);
		kbtf->dump = btf_dump__new(btf, append, &kbtf->dumped, NULL);
		kbtf->dumped_btf = kbtf->dump ? btf : NULL;
	}
	if (!kbtf->dump)
		return error_system(errno, "cannot write types");

	int error = btf_dump__emit_type_decl(kbtf->dump, type, &options);

	if (error < 0)
		return error_system(-error, "cannot write the type");
	str_append(out, str_text(&kbtf->dumped));
	str_truncate(&kbtf->dumped, 0);
	return NULL;
}

/* What is looked for, and where. */
struct member_search {
	const struct btf_image *image;
	struct kbtf_member *members;
	size_t count;
};

static void find_member(
	const struct member_search *search, const struct btf_type *type, struct kbtf_member *wanted)
{
	const struct btf_member *members = (const struct btf_member *)(type + 1);

	if (wanted->found || !btf_image_text_is(search->image, type->name_off, wanted->type))
		return;
	for (uint32_t i = 0; i < BTF_INFO_VLEN(type->info); i++) {
		if (!btf_image_text_is(search->image, members[i].name_off, wanted->name))
			continue;
		wanted->bits = BTF_INFO_KFLAG(type->info) ? BTF_MEMBER_BIT_OFFSET(members[i].offset)
							  : members[i].offset;
		wanted->found = true;
	}
}

static bool find_members(void *context, uint32_t id _unused_, const struct btf_type *type)
{
	const struct member_search *search = context;

	for (size_t i = 0; BTF_INFO_KIND(type->info) == BTF_KIND_STRUCT && i < search->count; i++)
		find_member(search, type, &search->members[i]);
	return true;
}

struct error *kbtf_members(struct kbtf *kbtf, struct kbtf_member *members, size_t count)
{
	_cleanup_(btf_image_deinit) struct btf_image image = BTF_IMAGE_NONE;
	struct error *error = load_file(kbtf, &image);

	if (error)
		return error;

	struct member_search search = {&image, members, count};

	kbtf->members_used = true;
	btf_image_walk(&image, find_members, &search);
	for (size_t i = 0; i < count; i++) {
		if (!members[i].found)
			return error_new(ENOENT, "the kernel's types have no %s.%s",
				members[i].type, members[i].name);
	}
	return NULL;
}

struct function_search {
	const struct btf_image *image;
	const char *name;
	uint32_t found;
};

static bool find_function(void *context, uint32_t id, const struct btf_type *type)
{
	struct function_search *search = context;

	if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC &&
		btf_image_text_is(search->image, type->name_off, search->name))
		search->found = id;
	return search->found == 0;
}

struct error *kbtf_function(struct kbtf *kbtf, const char *name, uint32_t *ret)
{
	_cleanup_(btf_image_deinit) struct btf_image image = BTF_IMAGE_NONE;
	struct error *error = load_file(kbtf, &image);

	if (error)
		return error;

	struct function_search search = {.image = &image, .name = name};

	btf_image_walk(&image, find_function, &search);
	if (!search.found)
		return error_new(ENOENT, "the kernel's types have no function %s", name);
	*ret = search.found;
	return NULL;
}

bool kbtf_was_used(const struct kbtf *kbtf)
{
	return kbtf->btf || kbtf->members_used;
}

/* Mixes the window into the hash, a word at a time; what is left of the last word counts as zeros.
 */
static uint64_t hash_window(uint64_t hash, const char *window, size_t size)
{
	for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
		uint64_t word = 0;

		memcpy(&word, window + i, MIN(sizeof(word), size - i));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 29;
	}
	return hash;
}

struct error *kbtf_identity(struct kbtf *kbtf, uint64_t *ret)
{
	if (kbtf->identity == 0) {
		_cleanup_(btf_image_deinit) struct btf_image image = BTF_IMAGE_NONE;
		struct error *error = open_file(kbtf, &image);

		if (error)
			return error;

		_cleanup_free_ char *window = xmalloc(WINDOW);
		uint64_t hash = image.size;
		uint64_t at = 0;

		for (size_t got; got = btf_image_read(&image, window, WINDOW, at), got > 0;
			at += got)
			hash = hash_window(hash, window, got);
		if (at != image.size)
			return error_new(
				EIO, "no types of the kernel: cannot read %s", file_name(kbtf));
		kbtf->identity = hash ? hash : 1;
	}
	*ret = kbtf->identity;
	return NULL;
}
