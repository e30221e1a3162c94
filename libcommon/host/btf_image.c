/* SPDX-License-Identifier: Apache-2.0 */
#include "btf_image.h"

#include <errno.h>
#include <linux/btf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/attributes.h"

static struct error *check_header(struct btf_image *image)
{
	struct btf_header header;

	if (btf_image_read(image, &header, sizeof(header), 0) != sizeof(header))
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

struct error *btf_image_open(int fd, struct btf_image *ret)
{
	_cleanup_(btf_image_deinit) struct btf_image image = {.fd = fd};
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_system(errno, "cannot read it");
	image.size = (uint64_t)status.st_size;
	struct error *error = check_header(&image);

	if (error)
		return error;
	*ret = image;
	image.fd = -1;
	return NULL;
}

void btf_image_deinit(struct btf_image *image)
{
	cleanup_close(&image->fd);
	if (image->is_mapped)
		munmap((void *)(uintptr_t)image->data, image->size);
	else
		free((void *)(uintptr_t)image->data);
	image->data = NULL;
}

size_t btf_image_read(const struct btf_image *image, void *data, size_t size, uint64_t offset)
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

/* Bytes that follow struct btf_type, by kind; kinds this code does not know end the walk. */
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

struct error *btf_image_load(struct btf_image *image, bool may_map)
{
	if (image->size > UINT32_MAX)
		return error_new(EFBIG, "it is too large");
	if (may_map) {
		void *data = mmap(NULL, image->size, PROT_READ, MAP_PRIVATE, image->fd, 0);

		image->is_mapped = data != MAP_FAILED;
		image->data = image->is_mapped ? data : NULL;
	}
	if (image->data)
		return NULL;

	_cleanup_free_ char *data = xmalloc(image->size);

	if (btf_image_read(image, data, image->size, 0) != image->size)
		return error_new(EIO, "cannot read it");
	image->data = TAKE(data);
	return NULL;
}

void btf_image_walk(const struct btf_image *image,
	bool (*visit)(void *context, uint32_t id, const struct btf_type *type), void *context)
{
	const char *at = image->data + image->types, *end = at + image->types_size;

	for (uint32_t id = 1; (size_t)(end - at) >= sizeof(struct btf_type); id++) {
		const struct btf_type *type = (const void *)at;
		int64_t tail = type_tail(type);

		at += sizeof(*type);
		if (tail < 0 || tail > end - at || !visit(context, id, type))
			break;
		at += tail;
	}
}

bool btf_image_text_is(const struct btf_image *image, uint32_t offset, const char *text)
{
	size_t size = strlen(text) + 1;

	return offset < image->strings_size && image->strings_size - offset >= size &&
	       memcmp(image->data + image->strings + offset, text, size) == 0;
}
