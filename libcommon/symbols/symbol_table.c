/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol_table.h"

#include <stdlib.h>

#include "libcommon/base/attributes.h"

enum { NONE = UINT32_MAX };

struct symbol_entry {
	uint64_t start;
	uint32_t size;
	uint32_t name;  /* in names */
	uint32_t outer; /* index of the innermost symbol around this one; NONE */
	bool is_weak;
	bool is_global;
	bool is_label;
};

void symbol_table_deinit(struct symbol_table *table)
{
	vec_deinit(&table->entries);
	str_deinit(&table->names);
}

void symbol_table_add(struct symbol_table *table, uint64_t start, struct alias alias, size_t length)
{
	if (table->names.length + length >= UINT32_MAX || alias.size > UINT32_MAX ||
		table->entries.count >= NONE)
		return;
	vec_push(&table->entries, ((struct symbol_entry){
					  .start = start,
					  .size = (uint32_t)alias.size,
					  .name = (uint32_t)table->names.length,
					  .outer = NONE,
					  .is_weak = alias.is_weak,
					  .is_global = alias.is_global,
					  .is_label = alias.is_label,
				  }));
	str_append_bytes(&table->names, alias.name, length);
	str_append_char(&table->names, '\0');
}

/* --- sorting --- */

static int compare_starts(const void *a, const void *b)
{
	const struct symbol_entry *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

static struct alias alias_of(const struct symbol_table *table, const struct symbol_entry *entry)
{
	return (struct alias){
		.name = table->names.data + entry->name,
		.size = entry->size,
		.is_weak = entry->is_weak,
		.is_global = entry->is_global,
		.is_label = entry->is_label,
	};
}

static void drop_aliases(struct symbol_table *table)
{
	struct symbol_entry *entries = table->entries.items;
	size_t last = 0;

	for (size_t i = 1; i < table->entries.count; i++) {
		struct alias best = alias_of(table, &entries[last]);
		struct alias next = alias_of(table, &entries[i]);

		if (entries[i].start != entries[last].start)
			entries[++last] = entries[i];
		else if (table->last_wins || alias_is_better_in_program(&next, &best))
			entries[last] = entries[i];
	}
	if (table->entries.count)
		table->entries.count = last + 1;
}

static void set_sizes(struct symbol_table *table, uint64_t limit)
{
	struct symbol_entry *entries = table->entries.items;

	for (size_t i = 0; i < table->entries.count; i++) {
		uint64_t end = i + 1 < table->entries.count ? entries[i + 1].start : limit;

		if (entries[i].size == 0 && end > entries[i].start)
			entries[i].size =
				(uint32_t)MIN(end - entries[i].start, (uint64_t)UINT32_MAX);
	}
}

static bool covers(const struct symbol_entry *entry, uint64_t address)
{
	return address - entry->start < entry->size;
}

/* Links each symbol with the innermost one that its begin lies in: where a symbol ends, the one
 * around it goes on. */
static void link_outer(struct symbol_table *table)
{
	struct symbol_entry *entries = table->entries.items;

	for (size_t i = 1; i < table->entries.count; i++) {
		uint32_t outer = (uint32_t)(i - 1);

		while (outer != NONE && !covers(&entries[outer], entries[i].start))
			outer = entries[outer].outer;
		entries[i].outer = outer;
	}
}

void symbol_table_finish(struct symbol_table *table, uint64_t limit)
{
	if (table->entries.count)
		qsort(table->entries.items, table->entries.count, sizeof(*table->entries.items),
			compare_starts);
	drop_aliases(table);
	set_sizes(table, limit);
	link_outer(table);
}

/* --- asking --- */

/* The index of the last entry that begins at or before an address; NONE. */
static uint32_t last_before(const struct symbol_table *table, uint64_t address)
{
	size_t low = 0, high = table->entries.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->entries.items[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? (uint32_t)(low - 1) : NONE;
}

bool symbol_table_find(const struct symbol_table *table, uint64_t address, struct symbol_found *ret)
{
	uint32_t index = last_before(table, address);

	while (index != NONE && !covers(&table->entries.items[index], address))
		index = table->entries.items[index].outer;
	if (index == NONE)
		return false;
	*ret = (struct symbol_found){
		.name = table->names.data + table->entries.items[index].name,
		.start = table->entries.items[index].start,
	};
	return true;
}

size_t symbol_table_size(const struct symbol_table *table)
{
	return table->entries.capacity * sizeof(*table->entries.items) + table->names.capacity;
}
