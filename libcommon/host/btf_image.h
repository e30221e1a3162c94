/* SPDX-License-Identifier: Apache-2.0 */
/* A file of BTF as bytes, for whoever needs little of it: its parts, and a walk over its types that
 * parses nothing. Format: Documentation/bpf/btf.rst of the kernel. */
#pragma once

#include <bpf/btf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcommon/base/error.h"

/* The file, its size, and where its types and strings are. */
struct btf_image {
	int fd; /* -1: none */
	uint64_t size;
	const char *data; /* the whole file; NULL until it is loaded */
	bool is_mapped;
	uint64_t types;
	uint64_t types_size;
	uint64_t strings;
	uint64_t strings_size;
};

#define BTF_IMAGE_NONE ((struct btf_image){.fd = -1})

/* Takes the descriptor and checks the header: all offsets are then within the file. */
struct error *btf_image_open(int fd, struct btf_image *ret);
void btf_image_deinit(struct btf_image *image);

/* Reads up to size bytes; fewer at the end of the file or on an error. */
size_t btf_image_read(const struct btf_image *image, void *data, size_t size, uint64_t offset);

/* Fills data, without a copy where the kernel can map the file (its own types: from 6.16 on) and
 * may, because nobody makes the file shorter meanwhile. */
struct error *btf_image_load(struct btf_image *image, bool may_map);

/*
 * Of a loaded file. Calls visit for every type, in the order of their ids, until it returns
 * false or a kind comes that this code does not know. What follows struct btf_type (members,
 * parameters) is within data.
 */
void btf_image_walk(const struct btf_image *image,
	bool (*visit)(void *context, uint32_t id, const struct btf_type *type), void *context);

/* Whether the string at offset of the string section is text. */
bool btf_image_text_is(const struct btf_image *image, uint32_t offset, const char *text);
