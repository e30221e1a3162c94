/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names are stored one after the other in the order of addresses; for each block of them there is
 * the place of the first. Addresses are 32 bits wide, relative to the begin of a segment: one for
 * per-CPU symbols near 0, one for the kernel. Neighbours of one module form a run.
 */
#include "kallsyms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alias.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/hashmap.h"
#include "libcommon/base/str.h"
#include "libcommon/base/vec.h"

enum {
	BLOCK = 16,          /* names for which one place is stored */
	PAGE = 4096,         /* how far the last symbol of a run goes on: as perf assumes */
	READ_SIZE = 1 << 16, /* bytes */
	LINE_LONGEST = 4096, /* KSYM_NAME_LEN is 512 */
};

/* A line that was read. */
struct line {
	uint64_t address;
	uint32_t name; /* in names */
	uint16_t module;
	char type;
};

struct segment {
	uint64_t base;
	size_t first; /* index of its first symbol */
};

struct run {
	size_t first;
	size_t module;
};

struct kallsyms {
	VEC(uint32_t) offsets; /* of each symbol, from its segment's base */
	VEC(uint32_t) blocks;  /* where the name of every BLOCKth symbol begins */
	VEC(struct segment) segments;
	VEC(struct run) runs;
	VEC(char *) modules; /* the first is "" */
	struct str names;
};

void kallsyms_free(struct kallsyms *symbols)
{
	char **module;

	if (!symbols)
		return;
	vec_for_each (&symbols->modules, module)
		free(*module);
	vec_deinit(&symbols->offsets);
	vec_deinit(&symbols->blocks);
	vec_deinit(&symbols->segments);
	vec_deinit(&symbols->runs);
	vec_deinit(&symbols->modules);
	str_deinit(&symbols->names);
	free(symbols);
}

static void cleanup_kallsyms(struct kallsyms **symbols)
{
	kallsyms_free(*symbols);
}

/* --- reading --- */

struct reading {
	VEC(struct line) lines;
	struct str names;
	struct hashmap modules; /* name -> index + 1 */
	struct kallsyms *symbols;
	bool is_sorted;
	bool has_address; /* at least one is not 0 */
};

static void reading_deinit(struct reading *reading)
{
	vec_deinit(&reading->lines);
	str_deinit(&reading->names);
	hashmap_deinit(&reading->modules);
}

/* The index of a module by its word "[name]"; 0, the kernel, for anything else. */
static uint16_t module_index(struct reading *reading, const char *word, size_t length)
{
	struct kallsyms *symbols = reading->symbols;

	if (length < 3 || word[0] != '[' || word[length - 1] != ']')
		return 0;

	void **slot = hashmap_slot(&reading->modules, word + 1, length - 2);

	if (!*slot) {
		if (symbols->modules.count > UINT16_MAX)
			return 0;
		vec_push(&symbols->modules, xstrndup(word + 1, length - 2));
		*slot = (void *)symbols->modules.count;
	}
	return (uint16_t)((uintptr_t)*slot - 1);
}

/* Adds a symbol, unless the line, which ends with a NUL, is malformed. */
static void add_line(struct reading *reading, const char *text)
{
	char *end;
	uint64_t address = strtoull(text, &end, 16);

	if (end == text || end[0] != ' ' || !end[1] || end[2] != ' ')
		return;

	const char *name = end + 3;
	size_t length = strcspn(name, " \t");
	const char *module = name + length + strspn(name + length, " \t");

	if (length == 0)
		return;
	if (reading->lines.count && vec_last(&reading->lines)->address > address)
		reading->is_sorted = false;
	reading->has_address |= address != 0;
	vec_push(&reading->lines,
		((struct line){
			.address = address,
			.name = (uint32_t)reading->names.length,
			.module = module_index(reading, module, strcspn(module, " \t")),
			.type = end[1],
		}));
	str_append_bytes(&reading->names, name, length);
	str_append_char(&reading->names, '\0');
}

/* Adds the complete lines of a block and returns how many bytes they are. */
static size_t add_lines(struct reading *reading, char *block, size_t size)
{
	size_t done = 0;
	char *end;

	while ((end = memchr(block + done, '\n', size - done))) {
		*end = '\0';
		add_line(reading, block + done);
		done = (size_t)(end - block) + 1;
	}
	return done;
}

static struct error *read_lines(struct reading *reading, int fd)
{
	_cleanup_free_ char *block = xmalloc(READ_SIZE + 1);
	size_t kept = 0;
	ssize_t got;

	while ((got = TEMP_FAILURE_RETRY(read(fd, block + kept, READ_SIZE - kept))) > 0) {
		size_t size = kept + (size_t)got, done = add_lines(reading, block, size);

		/* A line that is too long is no symbol. */
		kept = size - done > LINE_LONGEST ? 0 : size - done;
		memmove(block, block + done, kept);
	}
	if (got < 0)
		return error_system(errno, "/proc/kallsyms");
	block[kept] = '\0';
	add_line(reading, block);
	return NULL;
}

/* --- sorting --- */

static int compare_lines(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

static bool is_weak(char type)
{
	return strchr("wWvV", type) != NULL;
}

static struct alias alias_of(const struct reading *reading, const struct line *line)
{
	return (struct alias){
		.name = reading->names.data + line->name,
		.is_weak = is_weak(line->type),
		.is_global = line->type >= 'A' && line->type <= 'Z',
	};
}

/* Moves the best of the symbols from first up to end, which have one address, behind the others. */
static void put_best_last(struct reading *reading, size_t first, size_t end)
{
	struct line *lines = reading->lines.items;
	size_t best = first;

	for (size_t i = first + 1; i < end; i++) {
		struct alias so_far = alias_of(reading, &lines[best]);
		struct alias next = alias_of(reading, &lines[i]);

		if (alias_is_better_in_kernel(&next, &so_far))
			best = i;
	}

	struct line last = lines[end - 1];

	lines[end - 1] = lines[best];
	lines[best] = last;
}

/* By address; of several at one address the one that gives it its name is the last. */
static void sort_lines(struct reading *reading)
{
	struct line *lines = reading->lines.items;
	size_t count = reading->lines.count, end;

	if (!reading->is_sorted)
		qsort(lines, count, sizeof(*lines), compare_lines);
	for (size_t first = 0; first < count; first = end) {
		for (end = first + 1; end < count && lines[end].address == lines[first].address;)
			end++;
		put_best_last(reading, first, end);
	}
}

/* --- storing --- */

static void store(struct kallsyms *symbols, const struct reading *reading, const struct line *line)
{
	size_t index = symbols->offsets.count;
	const char *name = reading->names.data + line->name;

	if (!symbols->segments.count ||
		line->address - vec_last(&symbols->segments)->base > UINT32_MAX)
		vec_push(&symbols->segments, ((struct segment){line->address, index}));
	if (!symbols->runs.count || vec_last(&symbols->runs)->module != line->module)
		vec_push(&symbols->runs, ((struct run){index, line->module}));
	if (index % BLOCK == 0)
		vec_push(&symbols->blocks, (uint32_t)symbols->names.length);
	vec_push(&symbols->offsets, (uint32_t)(line->address - vec_last(&symbols->segments)->base));
	str_append_bytes(&symbols->names, name, strlen(name) + 1);
}

struct error *kallsyms_read(int fd, struct kallsyms **ret)
{
	_cleanup_(cleanup_kallsyms) struct kallsyms *symbols = xcalloc(1, sizeof(*symbols));
	_cleanup_(reading_deinit) struct reading reading = {.symbols = symbols, .is_sorted = true};
	struct line *line;

	vec_push(&symbols->modules, xstrdup(""));

	struct error *error = read_lines(&reading, fd);

	if (error)
		return error;
	if (!reading.has_address)
		return error_new(EPERM,
			"the kernel hides the addresses of its symbols: they take CAP_SYSLOG, "
			"and /proc/sys/kernel/kptr_restrict below 2");
	sort_lines(&reading);
	str_reserve(&symbols->names, reading.names.length);
	vec_for_each (&reading.lines, line)
		store(symbols, &reading, line);
	*ret = TAKE(symbols);
	return NULL;
}

/* --- asking --- */

static const char *name_at(const struct kallsyms *symbols, size_t index)
{
	const char *name = symbols->names.data + symbols->blocks.items[index / BLOCK];

	for (size_t i = 0; i < index % BLOCK; i++)
		name += strlen(name) + 1;
	return name;
}

/* The index of the last of count sorted items whose key is not above the wanted one; one must be.
 */
#define LAST_NOT_ABOVE(items, key, count, wanted)                                                  \
	({                                                                                         \
		size_t low_ = 0, high_ = (count);                                                  \
		while (high_ - low_ > 1) {                                                         \
			size_t middle_ = low_ + (high_ - low_) / 2;                                \
			if ((items)[middle_] key <= (wanted))                                      \
				low_ = middle_;                                                    \
			else                                                                       \
				high_ = middle_;                                                   \
		}                                                                                  \
		low_;                                                                              \
	})

/* The index behind the last symbol of the segment. */
static size_t segment_end(const struct kallsyms *symbols, size_t segment)
{
	return segment + 1 < symbols->segments.count ? symbols->segments.items[segment + 1].first
						     : symbols->offsets.count;
}

/* Whether no symbol of the same module and segment follows. */
static bool is_last(const struct kallsyms *symbols, size_t segment, size_t run, size_t index)
{
	return index + 1 == segment_end(symbols, segment) ||
	       (run + 1 < symbols->runs.count && symbols->runs.items[run + 1].first == index + 1);
}

bool kallsyms_find(const struct kallsyms *symbols, uint64_t address, struct kernel_symbol *ret)
{
	if (!symbols->segments.count || address < symbols->segments.items[0].base)
		return false;

	size_t segment =
		LAST_NOT_ABOVE(symbols->segments.items, .base, symbols->segments.count, address);
	const struct segment *found = &symbols->segments.items[segment];
	const uint32_t *offsets = symbols->offsets.items + found->first;
	uint64_t wanted = address - found->base;
	size_t index = found->first + LAST_NOT_ABOVE(offsets, ,
					      segment_end(symbols, segment) - found->first, wanted);
	size_t run = LAST_NOT_ABOVE(symbols->runs.items, .first, symbols->runs.count, index);
	uint64_t start = found->base + symbols->offsets.items[index];

	if (is_last(symbols, segment, run, index) &&
		address - start >= ALIGN_UP(start + 1, PAGE) + PAGE - start)
		return false;
	*ret = (struct kernel_symbol){
		.name = name_at(symbols, index),
		.module = symbols->modules.items[symbols->runs.items[run].module],
		.offset = address - start,
	};
	return true;
}

static uint64_t address_at(const struct kallsyms *symbols, size_t index)
{
	size_t segment =
		LAST_NOT_ABOVE(symbols->segments.items, .first, symbols->segments.count, index);

	return symbols->segments.items[segment].base + symbols->offsets.items[index];
}

static bool is_in_module(const struct kallsyms *symbols, size_t index, const char *module)
{
	size_t run = LAST_NOT_ABOVE(symbols->runs.items, .first, symbols->runs.count, index);

	return strcmp(symbols->modules.items[symbols->runs.items[run].module], module) == 0;
}

bool kallsyms_address(
	const struct kallsyms *symbols, const char *module, const char *name, uint64_t *ret)
{
	const char *at = str_text(&symbols->names);

	for (size_t i = 0; i < symbols->offsets.count; i++, at += strlen(at) + 1) {
		if (strcmp(at, name) != 0 || (module && !is_in_module(symbols, i, module)))
			continue;
		*ret = address_at(symbols, i);
		return true;
	}
	return false;
}
