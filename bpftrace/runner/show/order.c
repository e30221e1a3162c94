/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order in which the elements of a map are shown: ascending by value where values are numbers
 * or aggregations, and by key where they are not or are equal. Types are examined once: a key is a
 * list of parts, each of which is compared in its own way. What is sorted are entries of two words
 * that sort, unsigned, as the value and the key's first part do (of a string: as its beginning
 * does); only entries with equal words compare their keys. For a top only that many entries are
 * kept.
 */
#include <string.h>

#include "bpftrace/runner/data/number.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/vec.h"
#include "libcommon/types/number_names.h"
#include "show.h"

enum part_kind {
	PART_NUMBER,
	PART_STRING,
	PART_NAME,  /* a number that has a name */
	PART_BYTES, /* anything else: an order, if not one that means something */
};

struct part {
	enum part_kind kind;
	bool is_signed;
	uint32_t type;
	size_t offset;
	size_t size;
};

struct ordering {
	struct value_reader *reader;
	const struct map_content *content;
	struct part value;
	VEC(struct part) key;
};

struct entry {
	uint64_t value;
	uint64_t key;
	uint32_t index;
};

static bool is_named(const struct types *types, uint32_t type)
{
	return types_is_name(types, type) || number_names_have(types, type);
}

static struct part part_of(const struct types *types, uint32_t type, size_t offset)
{
	enum type_class class = types_class(types, type);
	size_t size = types_size(types, type);

	return (struct part){
		.kind = class == TYPE_STRING                                       ? PART_STRING
			: is_named(types, type)                                    ? PART_NAME
			: types_is_scalar(types, type) && size <= sizeof(uint64_t) ? PART_NUMBER
										   : PART_BYTES,
		.is_signed = types_is_signed(types, type),
		.type = type,
		.offset = offset,
		.size = size,
	};
}

/* Members of tuples, also of nested ones, are parts of their own. */
static void add_parts(
	struct ordering *ordering, const struct types *types, uint32_t type, size_t offset)
{
	if (types_class(types, type) != TYPE_TUPLE) {
		vec_push(&ordering->key, part_of(types, type, offset));
		return;
	}
	for (uint32_t i = 0; i < types_member_count(types, type); i++) {
		struct types_member member = types_member_at(types, type, i);

		add_parts(ordering, types, member.type, offset + member.bit_offset / 8);
	}
}

/* The first eight bytes, padded with zeros; the first byte counts most. */
static uint64_t string_word(const char *data, size_t size)
{
	unsigned char bytes[sizeof(uint64_t)] = {};
	uint64_t word = 0;

	memcpy(bytes, data, strnlen(data, MIN(size, sizeof(bytes))));
	for (size_t i = 0; i < sizeof(bytes); i++)
		word = word << 8 | bytes[i];
	return word;
}

static const char *part_name(
	const struct ordering *ordering, const struct part *part, const char *data)
{
	struct value name = {
		.reader = ordering->reader, .type = part->type, .data = data + part->offset};
	size_t length = 0;

	return value_bytes(&name, &length);
}

static uint64_t part_word(
	const struct ordering *ordering, const struct part *part, const char *data)
{
	if (part->kind == PART_NAME) {
		const char *name = part_name(ordering, part, data);

		return string_word(name, strlen(name));
	}

	data += part->offset;
	switch (part->kind) {
	case PART_NUMBER:
		return number_order(
			number_read(data, part->size, part->is_signed), part->is_signed);
	case PART_STRING: return string_word(data, part->size);
	default: return 0;
	}
}

static int compare_words(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_parts(
	const struct ordering *ordering, const struct part *part, const char *a, const char *b)
{
	switch (part->kind) {
	case PART_NUMBER:
		return compare_words(part_word(ordering, part, a), part_word(ordering, part, b));
	case PART_NAME: return strcmp(part_name(ordering, part, a), part_name(ordering, part, b));
	case PART_STRING: return strncmp(a + part->offset, b + part->offset, part->size);
	default: return memcmp(a + part->offset, b + part->offset, part->size);
	}
}

static int compare_keys(const struct ordering *ordering, uint32_t a, uint32_t b)
{
	size_t size = ordering->content->layout->key_size;
	const char *keys = ordering->content->keys.data;
	int result = 0;

	for (size_t i = 0; i < ordering->key.count && !result; i++)
		result = compare_parts(
			ordering, &ordering->key.items[i], keys + a * size, keys + b * size);
	return result;
}

static int compare_entries(const void *a, const void *b, void *context)
{
	const struct entry *first = a, *second = b;
	int result = compare_words(first->value, second->value);

	if (!result)
		result = compare_words(first->key, second->key);
	return result ? result : compare_keys(context, first->index, second->index);
}

/* 0 for values without an order. */
static uint64_t value_word(const struct ordering *ordering, size_t index)
{
	const struct map_layout *layout = ordering->content->layout;
	const struct aggregate *aggregate = &layout->aggregate;
	const char *value = ordering->content->values.data + index * layout->value_size;

	if (aggregate->ops)
		return aggregate->ops->order(aggregate, (const void *)value);
	return ordering->value.kind == PART_NUMBER ? part_word(ordering, &ordering->value, value)
						   : 0;
}

static uint64_t first_key_word(const struct ordering *ordering, size_t index)
{
	const struct map_content *content = ordering->content;

	if (!ordering->key.count)
		return 0;
	return part_word(ordering, ordering->key.items,
		content->keys.data + index * content->layout->key_size);
}

static struct entry entry_of(const struct ordering *ordering, size_t index)
{
	return (struct entry){
		.value = value_word(ordering, index),
		.key = first_key_word(ordering, index),
		.index = (uint32_t)index,
	};
}

/* --- the largest ones: a heap whose root is the smallest of them --- */

/* Moves the root down to where none below it is smaller. */
static void sink(struct ordering *ordering, struct entry *heap, size_t count, size_t at)
{
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count &&
			compare_entries(&heap[child + 1], &heap[child], ordering) < 0)
			child++;
		if (compare_entries(&heap[at], &heap[child], ordering) <= 0)
			return;

		struct entry larger = heap[at];

		heap[at] = heap[child];
		heap[child] = larger;
	}
}

static void select_largest(struct ordering *ordering, struct entry *heap, size_t shown)
{
	for (size_t i = shown / 2; i--;)
		sink(ordering, heap, shown, i);
	for (size_t i = shown; i < ordering->content->count; i++) {
		struct entry entry = entry_of(ordering, i);

		if (compare_entries(&entry, &heap[0], ordering) <= 0)
			continue;
		heap[0] = entry;
		sink(ordering, heap, shown, 0);
	}
}

size_t order_content(struct value_reader *reader, const struct map_content *content, uint64_t top,
	uint32_t **ret)
{
	const struct types *types = reader->bundle->types;
	const struct map_layout *layout = content->layout;
	size_t shown = top && top < content->count ? (size_t)top : content->count;
	_cleanup_free_ struct entry *entries = xcalloc(shown + 1, sizeof(*entries));
	struct ordering ordering = {
		.reader = reader,
		.content = content,
		.value = part_of(types, layout->value_type, 0),
	};

	if (layout->key_type)
		add_parts(&ordering, types, layout->key_type, 0);
	for (size_t i = 0; i < shown; i++)
		entries[i] = entry_of(&ordering, i);
	if (shown < content->count)
		select_largest(&ordering, entries, shown);
	qsort_r(entries, shown, sizeof(*entries), compare_entries, &ordering);
	vec_deinit(&ordering.key);
	*ret = xcalloc(shown + 1, sizeof(**ret));
	for (size_t i = 0; i < shown; i++)
		(*ret)[i] = entries[i].index;
	return shown;
}

void order_prefetch(
	const struct map_content *content, const uint32_t *order, size_t count, size_t at)
{
	enum { AHEAD = 8 };

	if (at + AHEAD >= count)
		return;
	__builtin_prefetch(content->keys.data + order[at + AHEAD] * content->layout->key_size);
	__builtin_prefetch(content->values.data + order[at + AHEAD] * content->layout->value_size);
}
