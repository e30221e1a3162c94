/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions before code is generated: the maps with their symbols in the object, and whether two
 * programs can update one map at the same time on one CPU, which decides whether its per-CPU values
 * are changed atomically. This depends on which units share a program.
 */
#include <string.h>

#include "emit.h"
#include "emitter.h"
#include "plan.h"
#include "program.h"
#include "session.h"

enum {
	/* Maps of the script in one program, of the kernel's MAX_USED_MAPS (64): the others are for
	 * rings, state and scratch. */
	MAPS_MAX = 48,
	/* Blocks that one program calls, each a function or more of the kernel's BPF_MAX_SUBPROGS
	 * (256). */
	BLOCKS_MAX = 64,
};

/* The programs of system calls are shared: all sys_enter blocks run one after the other. So are
 * those of sessions. */
static uint32_t program_of(const struct unit *unit)
{
	if (unit->enter)
		return program_of(unit->enter);
	if (attach_descs[unit->matches.items[0].attach].match != MATCH_BY_SYSCALL)
		return unit->index + 2;
	return unit->context == CONTEXT_SYSCALL_ENTER ? 0 : 1;
}

/* Where the kernel lets one task's run of a program be preempted by another task's: everywhere else
 * a per-program or per-CPU guard, or disabled preemption, keeps a program from meeting itself. */
static bool is_preemptible(const struct unit *unit)
{
	return attach_has(unit->matches.items[0].attach, PREEMPTIBLE);
}

static void note_writer(struct map *map, const struct unit *unit)
{
	uint32_t program = program_of(unit) + 1;

	map->nested =
		map->nested || is_preemptible(unit) || (map->writers && map->writers != program);
	map->writers = program;
}

static bool visit(struct node *node, void *context)
{
	const struct unit *unit = context;

	if (node->kind == NODE_CALL && node_call(node)->builtin->plan)
		node_call(node)->builtin->plan(node);
	if (node->kind == NODE_ASSIGN && node_assign(node)->target->kind == NODE_MAP)
		note_writer(node_map_access(node_assign(node)->target)->map, unit);
	return true;
}

/* What programs read must be one value, changed atomically; all else is faster in parts. */
bool plan_per_cpu(const struct compilation *c, const struct map *map)
{
	return types_is_aggregation(c->types, map->value) && !map->read;
}

static const char *map_symbol(struct compilation *c, const struct map *map, const char *prefix)
{
	return arena_printf(c->arena, "%s%s", prefix, map->name + strlen("@"));
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct map *const *)a)->name, (*(struct map *const *)b)->name);
}

/* The manifest's order is the order in which maps are printed at the end: that of their names. */
static void order_maps(struct compilation *c)
{
	if (c->maps.count)
		qsort(c->maps.items, c->maps.count, sizeof(*c->maps.items), by_name);
	for (size_t i = 0; i < c->maps.count; i++)
		c->maps.items[i]->index = i;
}

void emit_plan(struct compilation *c)
{
	order_maps(c);
	session_plan(c);
	struct unit **unit;

	vec_for_each (&c->units, unit) {
		node_walk(&(*unit)->probe->node, visit, *unit);
		plan_loops(c, *unit);
	}
	struct map **map;

	vec_for_each (&c->maps, map) {
		(*map)->symbol = map_symbol(c, *map, "AT_");
		if ((*map)->double_buffered)
			(*map)->standby_symbol = map_symbol(c, *map, "BT_");
	}
}

/* --- how many blocks a program calls --- */

/* The maps that blocks use. */
struct map_set {
	bool *members; /* by map.index */
	size_t count;
};

static bool add_map(struct node *node, void *context)
{
	struct map_set *set = context;

	if (node->kind != NODE_MAP || set->members[node_map_access(node)->map->index])
		return true;
	const struct map *map = node_map_access(node)->map;

	set->members[map->index] = true;
	set->count += map->standby_symbol ? 2 : 1;
	return true;
}

size_t plan_blocks_of_program(
	const struct compilation *c, const struct dispatched *list, size_t count)
{
	struct map_set set = {.members = arena_array(c->arena, bool, c->maps.count)};
	size_t fit = MIN(count, (size_t)BLOCKS_MAX);

	for (size_t i = 0; i < fit; i++) {
		node_walk(&list[i].unit->probe->node, add_map, &set);
		if (i > 0 && set.count > MAPS_MAX)
			return i;
	}
	return fit;
}
