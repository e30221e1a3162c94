/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A space is what one process has mapped from fork or execve on. A child refers to its parent's,
 * of which it has what had been mapped by then, so a fork costs no copy.
 */
#include "address_spaces.h"

#include <stdlib.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/hashmap.h"
#include "libcommon/base/vec.h"

struct space {
	int32_t pid;
	bool has_exited;
	uint64_t since;
	size_t children;       /* spaces whose parent this is */
	struct space *parent;  /* NULL after execve */
	struct space *earlier; /* of the same pid */
	VEC(struct mapping) mappings;
};

struct address_spaces {
	VEC(struct space *) all; /* in the order in which they were made */
	struct hashmap latest;   /* pid -> space */
	size_t mappings;
	size_t most;
	uint64_t dropped;
};

struct address_spaces *address_spaces_new(size_t most)
{
	struct address_spaces *spaces = xcalloc(1, sizeof(*spaces));

	spaces->most = most;
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

/* Drops the oldest of those that have exited and have no children, down to three quarters of the
 * limit. A space counts as one mapping more. */
static void keep_limit(struct address_spaces *spaces)
{
	size_t kept = 0, enough = spaces->most / 4 * 3;

	if (spaces->mappings <= spaces->most)
		return;
	for (size_t i = 0; i < spaces->all.count; i++) {
		struct space *space = spaces->all.items[i];

		if (space->has_exited && space->children == 0 && spaces->mappings > enough)
			drop(spaces, space);
		else
			spaces->all.items[kept++] = space;
	}
	spaces->all.count = kept;
	if (spaces->latest.count / 2 > kept)
		forget_pids(spaces);
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
	*space = (struct space){.pid = pid, .since = since, .earlier = *slot};
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
	struct space *space = space_at(spaces, pid, mapping->since);

	if (!space)
		space = add_space(spaces, pid, 0);
	vec_push(&space->mappings, *mapping);
	spaces->mappings++;
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
	const struct mapping *mapping, *found = NULL;

	vec_for_each (&space->mappings, mapping) {
		if (covers(mapping, address) && mapping->since <= time &&
			(!found || mapping->since >= found->since))
			found = mapping;
	}
	return found;
}

static const struct mapping *earliest(const struct space *space, uint64_t address)
{
	const struct mapping *mapping, *found = NULL;

	vec_for_each (&space->mappings, mapping) {
		if (covers(mapping, address) && (!found || mapping->since < found->since))
			found = mapping;
	}
	return found;
}

/* A space has of its parent's what was mapped when it began. */
static const struct mapping *find_in(const struct space *space, uint64_t time, uint64_t address)
{
	const struct mapping *found = NULL;
	const struct space *ancestor = space;

	for (uint64_t until = time; ancestor && !found; ancestor = ancestor->parent) {
		found = latest_until(ancestor, until, address);
		until = MIN(until, ancestor->since);
	}
	for (; space && !found; space = space->parent)
		found = earliest(space, address);
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
