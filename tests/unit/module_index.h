/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indices of modules as depmod(8) writes them, in their simplest form: a root without a text of its
 * own, and below it one leaf for each key, whose first letters must differ. All numbers are
 * big-endian; the upper bits of an offset say what the node has.
 */
#pragma once

#include <endian.h>

#include "libcommon/base/str.h"
#include "tests/unit/tree.h"

#define INDEX_RELEASE "6.1.0-test"
#define INDEX_FOLDER  "/lib/modules/" INDEX_RELEASE

enum {
	INDEX_MAGIC = 0xb007f457,
	INDEX_VERSION = 0x00020001,
	HAS_CHILDREN = 0x20000000,
	HAS_VALUES = 0x40000000,
	HAS_PREFIX = 0x80000000,
	LETTERS = 128,
};

struct index_entry {
	const char *key;
	const char *value;
};

static inline void index_put(struct str *out, uint32_t number)
{
	number = htobe32(number);
	str_append_bytes(out, &number, sizeof(number));
}

static inline void index_make(const struct index_entry *entries, size_t count, struct str *out)
{
	uint32_t leaves[LETTERS] = {}, root;

	index_put(out, INDEX_MAGIC);
	index_put(out, INDEX_VERSION);
	index_put(out, 0);
	for (size_t i = 0; i < count; i++) {
		leaves[(size_t)entries[i].key[0]] = (uint32_t)out->length | HAS_PREFIX | HAS_VALUES;
		str_append_bytes(out, entries[i].key + 1, strlen(entries[i].key + 1) + 1);
		index_put(out, 1);
		index_put(out, 0);
		str_append_bytes(out, entries[i].value, strlen(entries[i].value) + 1);
	}
	root = htobe32((uint32_t)out->length | HAS_CHILDREN);
	memcpy(out->data + 2 * sizeof(root), &root, sizeof(root));
	str_append_char(out, 0);
	str_append_char(out, LETTERS - 1);
	for (size_t i = 0; i < LETTERS; i++)
		index_put(out, leaves[i]);
}

static inline void index_write(
	const struct tree *tree, const char *path, const struct index_entry *entries, size_t count)
{
	_cleanup_str_ struct str index = STR_INIT;

	index_make(entries, count, &index);
	tree_write(tree, path, index.data, index.length);
}

#define INDEX_WRITE(tree, name, ...)                                                               \
	index_write(tree, INDEX_FOLDER "/" name, (const struct index_entry[]){__VA_ARGS__},        \
		ARRAY_SIZE(((const struct index_entry[]){__VA_ARGS__})))
