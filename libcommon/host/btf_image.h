/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of types (raw BTF) that is looked at without being parsed: its strings, in windows that
 * slide over it, and its types, one after the other. The header is checked before any of its
 * offsets is used. Format: Documentation/bpf/btf.rst of the kernel.
 */
#pragma once

#include <linux/btf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcommon/base/attributes.h"
#include "libcommon/base/error.h"

/* The file, its size, and where its types and strings are. */
struct btf_image {
	int fd; /* -1: none */
	uint64_t size;
	uint64_t types;
	uint64_t types_size;
	uint64_t strings;
	uint64_t strings_size;
};

/* Owns fd from here on, also when it fails. */
struct error *btf_image_init(struct btf_image *image, int fd);
void btf_image_deinit(struct btf_image *image);

#define _cleanup_btf_image_ _cleanup_(btf_image_deinit)

/* Calls visit for every string, which is valid only during the call; the rest after an error is
 * skipped. */
void btf_image_visit(const struct btf_image *image,
	void (*visit)(void *context, const char *string, size_t length), void *context);

/* Which of the names are among the strings: bit i is that of names[i], those from 64 on are
 * ignored. */
uint64_t btf_image_find(const struct btf_image *image, const char *const *names, size_t count);

/* A number never 0 that is the same for the same bytes only. */
struct error *btf_image_identity(const struct btf_image *image, uint64_t *ret);

/* The whole file in memory; a NUL follows it, so that every string has an end. */
struct btf_bytes {
	char *data; /* owned; NULL: none */
	uint64_t size;
	const char *types, *types_end;
	const char *strings;
	uint64_t strings_size;
	bool is_mapped;
	bool is_kernels; /* see btf_image_is_kernels */
};

/* Whether the file is the running kernel's own (on sysfs), and not one that is mounted in its
 * place: the kernel has made and checked it (btf_check takes 9 ms), and it gets no shorter. */
bool btf_image_is_kernels(const struct btf_image *image);

/* The kernel's own is not copied where it can be mapped, which is from Linux 6.16 on. */
struct error *btf_image_read(const struct btf_image *image, struct btf_bytes *ret);
void btf_bytes_deinit(struct btf_bytes *bytes);

#define _cleanup_btf_bytes_ _cleanup_(btf_bytes_deinit)

/* The next type after *at, which begins as bytes->types; NULL at the end, or at an unknown kind. */
const struct btf_type *btf_bytes_next(const struct btf_bytes *bytes, const char **at);

/* The string at an offset, "" beyond the end. */
const char *btf_bytes_text(const struct btf_bytes *bytes, uint32_t offset);
