/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order in which the elements of a map are shown: ascending by value where values are numbers
 * or aggregations, and by key where they are not or are equal. Sorting moves entries of two words
 * that sort, unsigned, as value and key do (of a key: as its first part does, as far as that fits
 * into a word); only entries with equal words look at the keys again.
 */
#include <string.h>

#include "libcommon/base/alloc.h"
#include "number.h"
#include "show.h"

struct entry {
	uint64_t value;
	uint64_t key;
	uint32_t index;
};

struct ordering {
	const struct types *types;
	const struct map_content *content;
};

static bool is_number(enum type_class class)
{
	return class == TYPE_INTEGER || class == TYPE_ENUM || class == TYPE_POINTER;
}

static uint64_t number_word(const struct types *types, uint32_t type, const void *data)
{
	bool is_signed = types_is_signed(types, type);
	size_t size = MIN(types_size(types, type), sizeof(uint64_t));

	return number_order(number_read(data, size, is_signed), is_signed);
}

/* The first eight bytes, padded with zeros; the first byte counts most. */
static uint64_t string_word(const void *data, size_t size)
{
	unsigned char bytes[sizeof(uint64_t)] = {};
	uint64_t word = 0;

	memcpy(bytes, data, strnlen(data, MIN(size, sizeof(bytes))));
	for (size_t i = 0; i < sizeof(bytes); i++)
		word = word << 8 | bytes[i];
	return word;
}

static uint64_t key_word(const struct types *types, uint32_t type, const void *data)
{
	enum type_class class = types_class(types, type);

	if (is_number(class))
		return number_word(types, type, data);
	if (class == TYPE_STRING)
		return string_word(data, types_size(types, type));
	if (class == TYPE_TUPLE) {
		struct types_member first = types_member_at(types, type, 0);

		return key_word(types, first.type, (const char *)data + first.bit_offset / 8);
	}
	return 0;
}

static uint64_t value_word(
	const struct types *types, const struct map_layout *layout, const void *data)
{
	const struct aggregate *aggregate = &layout->aggregate;

	if (aggregate->row)
		return aggregate->row->order(aggregate, data);
	if (is_number(types_class(types, layout->value_type)))
		return number_word(types, layout->value_type, data);
	return 0;
}

static int compare_words(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_keys(const struct types *types, uint32_t type, const char *a, const char *b)
{
	enum type_class class = types_class(types, type);

	if (is_number(class))
		return compare_words(number_word(types, type, a), number_word(types, type, b));
	if (class == TYPE_STRING)
		return strncmp(a, b, types_size(types, type));
	if (class != TYPE_TUPLE)
		return memcmp(a, b, types_size(types, type));
	for (uint32_t i = 0; i < types_member_count(types, type); i++) {
		struct types_member member = types_member_at(types, type, i);
		size_t offset = member.bit_offset / 8;
		int result = compare_keys(types, member.type, a + offset, b + offset);

		if (result)
			return result;
	}
	return 0;
}

static int compare_entries(const void *a, const void *b, void *context)
{
	const struct ordering *ordering = context;
	const struct map_layout *layout = ordering->content->layout;
	const struct entry *first = a, *second = b;
	const char *keys = ordering->content->keys.data;
	int result = compare_words(first->value, second->value);

	if (!result)
		result = compare_words(first->key, second->key);
	if (result || !layout->key_type)
		return result;
	return compare_keys(ordering->types, layout->key_type,
		keys + first->index * layout->key_size, keys + second->index * layout->key_size);
}

static struct entry entry_of(const struct types *types, const struct map_content *content, size_t i)
{
	const struct map_layout *layout = content->layout;

	return (struct entry){
		.value = value_word(types, layout, content->values.data + i * layout->value_size),
		.key = layout->key_type ? key_word(types, layout->key_type,
						  content->keys.data + i * layout->key_size)
					: 0,
		.index = (uint32_t)i,
	};
}

size_t order_content(
	const struct types *types, const struct map_content *content, uint64_t top, uint32_t **ret)
{
	size_t count = content->count;
	size_t shown = top && top < count ? (size_t)top : count;
	_cleanup_free_ struct entry *entries = xcalloc(count + 1, sizeof(*entries));
	struct ordering ordering = {.types = types, .content = content};

	for (size_t i = 0; i < count; i++)
		entries[i] = entry_of(types, content, i);
	qsort_r(entries, count, sizeof(*entries), compare_entries, &ordering);
	*ret = xcalloc(shown + 1, sizeof(**ret));
	for (size_t i = 0; i < shown; i++)
		(*ret)[i] = entries[count - shown + i].index;
	return shown;
}
