/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A space is what one process has mapped from fork or execve on. A child refers to its parent's,
 * of which it has what had been mapped by then, so a fork costs no copy. Mappings stand in the
 * order of their times, so the latest one of an address is found first from the end.
 */
#include "address_spaces.h"

#include <stdlib.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/hashmap.h"
#include "libcommon/base/vec.h"

enum {
	SPACE_MOST = 16384,    /* mappings of one space: a search reads all of them at worst */
	SPACE_FEW = 1024,      /* not worth tidying */
	SPACE_LEAST = 16,      /* kept of each space when all together are too many */
	ANCESTORS_MOST = 1024, /* spaces that a search goes through */
};

#define HISTORY UINT64_C(10000000000) /* ns that a replaced mapping is kept for, if possible */

struct space {
	int32_t pid;
	bool has_exited;
	uint64_t since;
	uint64_t inherits_until; /* what the parent mapped later is not its own */
	size_t children;         /* spaces whose parent this is */
	struct space *parent;    /* NULL after execve */
	struct space *earlier;   /* of the same pid */
	VEC(struct mapping) mappings;
	size_t tidy_at; /* count of them */
};

struct address_spaces {
	VEC(struct space *) all; /* in the order in which they were made */
	struct hashmap latest;   /* pid -> space */
	size_t mappings;         /* a space counts as one more */
	size_t most;
	size_t check_at; /* mappings */
	uint64_t dropped;
};

struct address_spaces *address_spaces_new(size_t most)
{
	struct address_spaces *spaces = xcalloc(1, sizeof(*spaces));

	spaces->most = spaces->check_at = most;
	return spaces;
}

static void free_space(struct space *space)
{
	vec_deinit(&space->mappings);
	free(space);
}

void address_spaces_free(struct address_spaces *spaces)
{
	struct space **space;

	if (!spaces)
		return;
	vec_for_each (&spaces->all, space)
		free_space(*space);
	vec_deinit(&spaces->all);
	hashmap_deinit(&spaces->latest);
	free(spaces);
}

uint64_t address_spaces_dropped(const struct address_spaces *spaces)
{
	return spaces->dropped;
}

size_t address_spaces_size(const struct address_spaces *spaces)
{
	return spaces->mappings;
}

/* --- the mappings of one space --- */

/* By addresses; of those that begin together the largest is first, of equal ones the latest. */
static int compare_ranges(const void *a, const void *b)
{
	const struct mapping *x = *(struct mapping *const *)a, *y = *(struct mapping *const *)b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end > y->end ? -1 : 1;
	return x > y ? -1 : x < y;
}

/* Removes those that were marked by an end of 0. */
static size_t remove_marked(struct address_spaces *spaces, struct space *space)
{
	size_t kept = 0, before = space->mappings.count;

	for (size_t i = 0; i < before; i++) {
		if (space->mappings.items[i].end)
			space->mappings.items[kept++] = space->mappings.items[i];
	}
	space->mappings.count = kept;
	spaces->mappings -= before - kept;
	return before - kept;
}

/* Whether other is later, holds all of the mapping, and has done so for that long. */
static bool is_replaced_by(const struct mapping *mapping, const struct mapping *other,
	uint64_t newest, uint64_t history)
{
	return other > mapping && other->start <= mapping->start && other->end >= mapping->end &&
	       newest - other->since >= history;
}

/* Removes what was replaced so long ago. Compares with two neighbors only, which is enough for
 * ranges that are mapped over and over. */
static void remove_replaced(struct address_spaces *spaces, struct space *space, uint64_t history)
{
	size_t count = space->mappings.count;
	struct mapping **sorted = xcalloc(count, sizeof(*sorted));
	const struct mapping *widest, *last;
	uint64_t newest = vec_last(&space->mappings)->since;

	for (size_t i = 0; i < count; i++)
		sorted[i] = &space->mappings.items[i];
	qsort(sorted, count, sizeof(*sorted), compare_ranges);
	widest = last = sorted[0];
	for (size_t i = 1; i < count; i++) {
		if (is_replaced_by(sorted[i], widest, newest, history) ||
			is_replaced_by(sorted[i], last, newest, history)) {
			sorted[i]->end = 0;
			continue;
		}
		last = sorted[i];
		if (last->end > widest->end)
			widest = last;
	}
	free(sorted);
	remove_marked(spaces, space);
}

static int compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* What is mapped most often. */
static uint32_t commonest_image(const struct space *space, size_t *ret_times)
{
	size_t count = space->mappings.count;
	uint32_t *images = xcalloc(count, sizeof(*images)), commonest = 0;

	for (size_t i = 0; i < count; i++)
		images[i] = space->mappings.items[i].image;
	qsort(images, count, sizeof(*images), compare_numbers);
	*ret_times = 0;
	for (size_t i = 0, times = 0; i < count; i++) {
		times = i && images[i] == images[i - 1] ? times + 1 : 1;
		if (times > *ret_times) {
			*ret_times = times;
			commonest = images[i];
		}
	}
	free(images);
	return commonest;
}

/* Drops the oldest mappings, so many, of one image or of all. */
static void drop_oldest(
	struct address_spaces *spaces, struct space *space, size_t count, const uint32_t *image)
{
	for (size_t i = 0; count && i < space->mappings.count; i++) {
		struct mapping *mapping = &space->mappings.items[i];

		if (image && mapping->image != *image)
			continue;
		mapping->end = 0;
		count--;
	}
	spaces->dropped += remove_marked(spaces, space);
}

/* Drops of what is mapped most often first, so that the libraries of a process that compiles at run
 * time stay. */
static void shrink(struct address_spaces *spaces, struct space *space, size_t most)
{
	for (int i = 0; i < 4 && space->mappings.count > most; i++) {
		size_t times;
		uint32_t image = commonest_image(space, &times);

		drop_oldest(spaces, space, MIN(space->mappings.count - most, times / 2), &image);
	}
	if (space->mappings.count > most)
		drop_oldest(spaces, space, space->mappings.count - most, NULL);
}

static void tidy(struct address_spaces *spaces, struct space *space)
{
	static const uint64_t histories[] = {HISTORY, HISTORY / 100, 0};
	size_t most = MIN((size_t)SPACE_MOST, spaces->most), enough = most / 4 * 3;

	for (size_t i = 0; i < ARRAY_SIZE(histories); i++) {
		if (i == 0 || space->mappings.count > enough)
			remove_replaced(spaces, space, histories[i]);
	}
	shrink(spaces, space, enough);
	space->tidy_at = MIN(MAX(space->mappings.count * 2, (size_t)SPACE_FEW), most);
}

/* Records of several CPUs may come late. */
static void insert(
	struct address_spaces *spaces, struct space *space, const struct mapping *mapping)
{
	vec_push(&space->mappings, *mapping);
	spaces->mappings++;

	struct mapping *items = space->mappings.items;
	size_t i = space->mappings.count - 1;

	for (; i > 0 && items[i - 1].since > mapping->since; i--)
		items[i] = items[i - 1];
	items[i] = *mapping;
}

/* --- the limit --- */

static void unlink_space(struct address_spaces *spaces, struct space *space)
{
	struct space **slot =
		(struct space **)hashmap_slot(&spaces->latest, &space->pid, sizeof(space->pid));

	while (*slot && *slot != space)
		slot = &(*slot)->earlier;
	if (*slot)
		*slot = space->earlier;
}

static void drop(struct address_spaces *spaces, struct space *space)
{
	unlink_space(spaces, space);
	if (space->parent)
		space->parent->children--;
	spaces->mappings -= space->mappings.count + 1;
	spaces->dropped++;
	free_space(space);
}

/* Leaves out the numbers of processes of which nothing is known any more. */
static void forget_pids(struct address_spaces *spaces)
{
	struct hashmap kept = HASHMAP_INIT;
	struct space **space;

	vec_for_each (&spaces->all, space) {
		int32_t pid = (*space)->pid;

		*hashmap_slot(&kept, &pid, sizeof(pid)) =
			hashmap_get(&spaces->latest, &pid, sizeof(pid));
	}
	hashmap_deinit(&spaces->latest);
	spaces->latest = kept;
}

/* Takes over what the parent has, which has exited and has no other child. */
static void absorb_parent(struct address_spaces *spaces, struct space *space)
{
	struct space *parent = space->parent, own = *space;
	struct mapping *mapping;

	space->mappings = parent->mappings;
	parent->mappings = (__typeof__(parent->mappings)){};
	vec_for_each (&space->mappings, mapping) {
		if (mapping->since > space->inherits_until)
			mapping->end = 0;
	}
	remove_marked(spaces, space);
	spaces->mappings -= own.mappings.count;
	vec_for_each (&own.mappings, mapping)
		insert(spaces, space, mapping);
	vec_deinit(&own.mappings);
	space->inherits_until = MIN(space->inherits_until, parent->inherits_until);
	space->parent = parent->parent;
	parent->parent = NULL;
	parent->children = 0;
}

/* Drops the oldest of those that have exited and have no children. */
static void drop_exited(struct address_spaces *spaces, size_t enough)
{
	size_t kept = 0;

	for (size_t i = 0; i < spaces->all.count; i++) {
		struct space *space = spaces->all.items[i];

		if (space->has_exited && space->children == 0 && spaces->mappings > enough)
			drop(spaces, space);
		else
			spaces->all.items[kept++] = space;
	}
	spaces->all.count = kept;
}

/* Shortens chains of processes that each exited after the next one was made. */
static void absorb_parents(struct address_spaces *spaces)
{
	struct space **at;

	vec_for_each (&spaces->all, at) {
		struct space *space = *at;

		while (space->parent && space->parent->has_exited && space->parent->children == 1)
			absorb_parent(spaces, space);
	}
}

/* Each living process keeps its share. */
static void shrink_all(struct address_spaces *spaces, size_t enough)
{
	struct space **space;
	size_t share = MAX(enough / (spaces->all.count + 1), (size_t)SPACE_LEAST);

	vec_for_each (&spaces->all, space)
		shrink(spaces, *space, share);
}

/* Drops of those that have exited first, down to three quarters of the limit. */
static void keep_limit(struct address_spaces *spaces)
{
	size_t enough = spaces->most / 4 * 3;

	if (spaces->mappings <= spaces->check_at)
		return;
	drop_exited(spaces, enough);
	if (spaces->mappings > enough) {
		absorb_parents(spaces);
		drop_exited(spaces, enough);
	}
	if (spaces->mappings > spaces->most)
		shrink_all(spaces, enough);
	if (spaces->latest.count / 2 > spaces->all.count)
		forget_pids(spaces);
	/* Living processes without mappings cannot be dropped. */
	spaces->check_at = MAX(spaces->most, spaces->mappings + spaces->most / 4);
}

/* --- the life of a process --- */

/* The space that the process has, or had, at that time; of a time before all: the first. */
static struct space *space_at(const struct address_spaces *spaces, int32_t pid, uint64_t time)
{
	struct space *space = hashmap_get(&spaces->latest, &pid, sizeof(pid));

	while (space && space->since > time && space->earlier)
		space = space->earlier;
	return space;
}

/* A new space, linked in by its time: records of several CPUs may come late. */
static struct space *add_space(struct address_spaces *spaces, int32_t pid, uint64_t since)
{
	struct space *space = xcalloc(1, sizeof(*space));

	keep_limit(spaces);

	struct space **slot = (struct space **)hashmap_slot(&spaces->latest, &pid, sizeof(pid));

	while (*slot && (*slot)->since > since)
		slot = &(*slot)->earlier;
	*space = (struct space){
		.pid = pid,
		.since = since,
		.inherits_until = since,
		.earlier = *slot,
		.tidy_at = SPACE_FEW,
	};
	if (space->earlier)
		space->earlier->has_exited = true; /* nothing will be mapped in it any more */
	*slot = space;
	vec_push(&spaces->all, space);
	spaces->mappings++;
	return space;
}

void address_spaces_fork(struct address_spaces *spaces, int32_t pid, int32_t parent, uint64_t time)
{
	struct space *child = add_space(spaces, pid, time), *from = space_at(spaces, parent, time);

	if (!from)
		from = add_space(spaces, parent, 0);
	if (from->since >= time) /* no parent: of another process of that number */
		return;
	child->parent = from;
	from->children++;
}

void address_spaces_exec(struct address_spaces *spaces, int32_t pid, uint64_t time)
{
	add_space(spaces, pid, time);
}

void address_spaces_exit(struct address_spaces *spaces, int32_t pid, uint64_t time)
{
	struct space *space = space_at(spaces, pid, time);

	if (space && space->since <= time)
		space->has_exited = true;
}

void address_spaces_map(struct address_spaces *spaces, int32_t pid, const struct mapping *mapping)
{
	keep_limit(spaces);

	struct space *space = space_at(spaces, pid, mapping->since);

	if (!space)
		space = add_space(spaces, pid, 0);
	insert(spaces, space, mapping);
	if (space->mappings.count >= space->tidy_at)
		tidy(spaces, space);
}

/* --- asking --- */

static bool covers(const struct mapping *mapping, uint64_t address)
{
	return address >= mapping->start && address < mapping->end;
}

/* The latest one of the space by that time. */
static const struct mapping *latest_until(
	const struct space *space, uint64_t time, uint64_t address)
{
	for (size_t i = space->mappings.count; i > 0; i--) {
		const struct mapping *mapping = &space->mappings.items[i - 1];

		if (covers(mapping, address) && mapping->since <= time)
			return mapping;
	}
	return NULL;
}

static const struct mapping *earliest(const struct space *space, uint64_t address)
{
	const struct mapping *mapping;

	vec_for_each (&space->mappings, mapping) {
		if (covers(mapping, address))
			return mapping;
	}
	return NULL;
}

/* A space has of its parent's what was mapped when it began. */
static const struct mapping *find_in(const struct space *space, uint64_t time, uint64_t address)
{
	const struct mapping *found = NULL;
	const struct space *ancestor = space;

	for (int i = 0; i < ANCESTORS_MOST && ancestor && !found; i++) {
		found = latest_until(ancestor, time, address);
		time = MIN(time, ancestor->inherits_until);
		ancestor = ancestor->parent;
	}
	for (int i = 0; i < ANCESTORS_MOST && space && !found; i++) {
		found = earliest(space, address);
		space = space->parent;
	}
	return found;
}

/* While a process calls execve(2) its registers are still those of the space before. */
bool address_spaces_find(const struct address_spaces *spaces, int32_t pid, uint64_t time,
	uint64_t address, struct mapping *ret)
{
	const struct space *space = space_at(spaces, pid, time);
	const struct mapping *found = find_in(space, time, address);

	if (!found && space && space->earlier)
		found = find_in(space->earlier, space->since, address);
	if (found)
		*ret = *found;
	return found;
}

bool address_spaces_knows(const struct address_spaces *spaces, int32_t pid, uint64_t time)
{
	const struct space *space = space_at(spaces, pid, time);

	return space && (space->mappings.count || space->parent);
}
