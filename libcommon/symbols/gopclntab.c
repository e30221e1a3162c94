/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table begins with a header; behind it, at a place that the header names, is a list with two
 * words for each function: its entry, and where its record is. The record begins with the entry
 * and the place of the name. From version 1.18 on both are 32 bits wide, and entries count from the
 * begin of the text.
 */
#include "gopclntab.h"

#include <string.h>

#include "libcommon/base/attributes.h"

enum {
	NAME_LONGEST = 1 << 12, /* bytes; of a longer one this is the begin */
	HEADER = 8, /* bytes before the first word: magic, padding, quantum, word size */
};

/* What differs between the versions. */
struct version {
	uint32_t magic;
	/* Which word of the header is where the text begins, where names are, and where the list
	 * is; -1: the header has no such word. */
	int8_t text, names, list;
	bool is_relative; /* entries, in 32 bits, count from the text's begin */
};

static const struct version versions[] = {
	{.magic = 0xfffffff1, .text = 2, .names = 3, .list = 7, .is_relative = true}, /* 1.20 */
	{.magic = 0xfffffff0, .text = 2, .names = 3, .list = 7, .is_relative = true}, /* 1.18 */
	{.magic = 0xfffffffa, .text = -1, .names = 2, .list = 6},                     /* 1.16 */
	{.magic = 0xfffffffb, .text = -1, .names = -1, .list = -1},                   /* 1.2 */
};

struct reading {
	const uint8_t *data;
	size_t size;
	size_t word; /* bytes of an address: 4 or 8 */
	const struct version *version;
	uint64_t text;
	uint64_t names; /* offsets in data */
	uint64_t list;
	size_t width; /* bytes of a word of the list */
};

/* A number of width bytes at an offset; false beyond the end. */
static bool read_word(const struct reading *reading, uint64_t offset, size_t width, uint64_t *ret)
{
	uint32_t half;

	if (offset > reading->size || reading->size - offset < width)
		return false;
	if (width == sizeof(*ret)) {
		memcpy(ret, reading->data + offset, sizeof(*ret));
		return true;
	}
	memcpy(&half, reading->data + offset, sizeof(half));
	*ret = half;
	return true;
}

static const struct version *find_version(uint32_t magic)
{
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		if (versions[i].magic == magic)
			return &versions[i];
	}
	return NULL;
}

/* The word of the header with the index; the value that is there already where it has none. */
static bool read_header_word(const struct reading *reading, int index, uint64_t *value)
{
	return index < 0 ||
	       read_word(reading, HEADER + (uint64_t)index * reading->word, reading->word, value);
}

static bool read_header(struct reading *reading, uint64_t *ret_count)
{
	uint64_t magic, text = 0;

	if (reading->size < HEADER || !read_word(reading, 0, sizeof(uint32_t), &magic))
		return false;
	reading->version = find_version((uint32_t)magic);
	reading->word = reading->data[7];
	if (!reading->version || (reading->word != 4 && reading->word != 8))
		return false;
	reading->width = reading->version->is_relative ? sizeof(uint32_t) : reading->word;
	reading->list = HEADER + reading->word; /* of 1.2: behind the count */
	if (!read_header_word(reading, 0, ret_count) ||
		!read_header_word(reading, reading->version->text, &text) ||
		!read_header_word(reading, reading->version->names, &reading->names) ||
		!read_header_word(reading, reading->version->list, &reading->list))
		return false;
	if (text)
		reading->text = text;
	return true;
}

/* The name of the function whose record is at an offset from the list, which is from the begin of
 * the table in version 1.2. */
static const char *name_of(const struct reading *reading, uint64_t record, size_t *ret_length)
{
	uint64_t base = reading->version->list < 0 ? 0 : reading->list, name;

	if (record > reading->size ||
		!read_word(reading, base + record + reading->width, sizeof(uint32_t), &name))
		return NULL;
	if (reading->names > reading->size || name >= reading->size - reading->names)
		return NULL;
	name += reading->names;

	const char *text = (const char *)reading->data + name;
	size_t most = MIN(reading->size - (size_t)name, (size_t)NAME_LONGEST);

	*ret_length = strnlen(text, most);
	return *ret_length ? text : NULL;
}

/* Adds the function with the index; false when the list ends before. */
static bool add_function(const struct reading *reading, uint64_t index, struct symbol_table *table)
{
	uint64_t at = reading->list + index * 2 * reading->width, entry, record, end;
	uint64_t base = reading->version->is_relative ? reading->text : 0;
	size_t length;

	/* Behind the last function is where it ends. */
	if (!read_word(reading, at, reading->width, &entry) ||
		!read_word(reading, at + reading->width, reading->width, &record) ||
		!read_word(reading, at + 2 * reading->width, reading->width, &end))
		return false;

	const char *name = name_of(reading, record, &length);

	if (name && end > entry)
		symbol_table_add(table, base + entry,
			(struct alias){.name = name, .size = end - entry, .is_global = true},
			length);
	return true;
}

bool gopclntab_parse(const void *data, size_t size, uint64_t text, struct symbol_table *table)
{
	struct reading reading = {.data = data, .size = size, .text = text};
	uint64_t count;

	if (!read_header(&reading, &count) || reading.list > size)
		return false;
	for (uint64_t i = 0; i < count; i++) {
		if (!add_function(&reading, i, table))
			break;
	}
	return true;
}

bool gopclntab_add(struct elf *elf, struct symbol_table *table)
{
	struct elf_section section, text = {};

	if (!elf_section(elf, ".gopclntab", &section) &&
		!elf_section(elf, ".data.rel.ro.gopclntab", &section))
		return false;
	elf_section(elf, ".text", &text);
	return section.data && elf_is_native(elf) &&
	       gopclntab_parse(section.data, section.size, text.address, table);
}
