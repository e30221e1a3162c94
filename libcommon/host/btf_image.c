/* SPDX-License-Identifier: Apache-2.0 */
#include "btf_image.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "libcommon/base/alloc.h"

enum {
	WINDOW = 1 << 16,
	NAMES_MAX = 64, /* of a search: bits of its result */
};

/* Reads up to size bytes; fewer at the end of the file or on an error. */
static size_t read_at(const struct btf_image *image, void *data, size_t size, uint64_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got =
			pread(image->fd, (char *)data + done, size - done, (off_t)(offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return done;
}

static struct error *check_header(struct btf_image *image)
{
	struct btf_header header;

	if (read_at(image, &header, sizeof(header), 0) != sizeof(header))
		return error_new(EINVAL, "too short for BTF");
	if (header.magic != BTF_MAGIC || header.version != BTF_VERSION ||
		header.hdr_len < sizeof(header))
		return error_new(EINVAL, "not BTF of this machine");
	image->types = (uint64_t)header.hdr_len + header.type_off;
	image->types_size = header.type_len;
	image->strings = (uint64_t)header.hdr_len + header.str_off;
	image->strings_size = header.str_len;
	if (image->strings + image->strings_size > image->size ||
		image->types + image->types_size > image->size)
		return error_new(EINVAL, "BTF is cut off");
	if (image->types % sizeof(uint32_t))
		return error_new(EINVAL, "the types of the BTF are not aligned");
	return NULL;
}

struct error *btf_image_init(struct btf_image *image, int fd)
{
	_cleanup_btf_image_ struct btf_image opened = {.fd = fd};
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_system(errno, "its size cannot be read");
	opened.size = (uint64_t)status.st_size;
	struct error *error = check_header(&opened);

	if (error)
		return error;
	*image = opened;
	opened.fd = -1;
	return NULL;
}

void btf_image_deinit(struct btf_image *image)
{
	cleanup_close(&image->fd);
	image->fd = -1;
}

/* --- strings --- */

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

void btf_image_visit(
	const struct btf_image *image, void (*visit)(void *, const char *, size_t), void *context)
{
	_cleanup_free_ char *window = xmalloc(WINDOW);
	uint64_t at = 0;
	size_t filled = 0;

	while (at < image->strings_size) {
		size_t wanted = (size_t)MIN((uint64_t)(WINDOW - filled), image->strings_size - at);
		size_t got = read_at(image, window + filled, wanted, image->strings + at);

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

/* --- the whole --- */

/* NULL when the file cannot be mapped, or its last string would have no end then. */
static char *map(const struct btf_image *image)
{
	uint64_t end = image->strings + image->strings_size;
	char *data = mmap(NULL, image->size, PROT_READ, MAP_PRIVATE, image->fd, 0);

	if (data == MAP_FAILED)
		return NULL;
	if (image->strings_size && data[end - 1] == '\0')
		return data;
	munmap(data, image->size);
	return NULL;
}

static struct error *copy(const struct btf_image *image, char **ret)
{
	_cleanup_free_ char *data = xmalloc(image->size + 1);

	if (read_at(image, data, image->size, 0) != image->size)
		return error_new(EIO, "it cannot be read");
	data[image->size] = '\0';
	*ret = TAKE(data);
	return NULL;
}

bool btf_image_is_kernels(const struct btf_image *image)
{
	struct statfs status;

	return fstatfs(image->fd, &status) == 0 && status.f_type == SYSFS_MAGIC;
}

struct error *btf_image_read(const struct btf_image *image, struct btf_bytes *ret)
{
	bool is_kernels = btf_image_is_kernels(image);

	if (image->size > UINT32_MAX)
		return error_new(EFBIG, "it is too large");

	char *mapped = is_kernels ? map(image) : NULL, *data = mapped;
	struct error *error = mapped ? NULL : copy(image, &data);

	if (error)
		return error;
	*ret = (struct btf_bytes){
		.types = data + image->types,
		.types_end = data + image->types + image->types_size,
		.strings = data + image->strings,
		.strings_size = image->strings_size,
		.data = data,
		.size = image->size,
		.is_mapped = mapped != NULL,
		.is_kernels = is_kernels,
	};
	return NULL;
}

void btf_bytes_deinit(struct btf_bytes *bytes)
{
	if (bytes->is_mapped)
		munmap(bytes->data, bytes->size);
	else
		free(bytes->data);
	*bytes = (struct btf_bytes){};
}

const char *btf_bytes_text(const struct btf_bytes *bytes, uint32_t offset)
{
	return offset < bytes->strings_size ? bytes->strings + offset : "";
}

/* Bytes that follow struct btf_type, by kind; unknown kinds end the iteration. */
static int64_t type_tail(const struct btf_type *type)
{
	uint32_t members = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG: return sizeof(uint32_t);
	case BTF_KIND_ARRAY: return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION: return (int64_t)members * sizeof(struct btf_member);
	case BTF_KIND_ENUM: return (int64_t)members * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64: return (int64_t)members * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO: return (int64_t)members * sizeof(struct btf_param);
	case BTF_KIND_DATASEC: return (int64_t)members * sizeof(struct btf_var_secinfo);
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG: return 0;
	default: return -1;
	}
}

const struct btf_type *btf_bytes_next(const struct btf_bytes *bytes, const char **at)
{
	const struct btf_type *type = (const void *)*at;

	if ((size_t)(bytes->types_end - *at) < sizeof(*type))
		return NULL;

	int64_t size = (int64_t)sizeof(*type) + type_tail(type);

	if (size < (int64_t)sizeof(*type) || size > bytes->types_end - *at)
		return NULL;
	*at += size;
	return type;
}

/* --- identity --- */

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

uint64_t btf_image_find(const struct btf_image *image, const char *const *names, size_t count)
{
	struct search search = {.names = names, .count = MIN(count, (size_t)NAMES_MAX)};

	for (size_t i = 0; i < search.count; i++) {
		search.lengths[i] = strlen(names[i]);
		search.any_length |= length_bit(search.lengths[i]);
	}
	btf_image_visit(image, search_string, &search);
	return search.found;
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

struct error *btf_image_identity(const struct btf_image *image, uint64_t *ret)
{
	_cleanup_free_ char *window = xmalloc(WINDOW);
	uint64_t hash = image->size;
	uint64_t at = 0;

	for (size_t got; got = read_at(image, window, WINDOW, at), got > 0; at += got)
		hash = hash_window(hash, window, got);
	if (at != image->size)
		return error_new(EIO, "it cannot be read");
	*ret = hash ? hash : 1;
	return NULL;
}
