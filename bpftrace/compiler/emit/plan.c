/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must be known before code is generated: the maps with their place in the object, and whether
 * two programs can be in the middle of updating one map on the same CPU, which decides whether its
 * per-CPU values are changed atomically. For that, which units share a program.
 */
#include <string.h>

#include "emit.h"
#include "emitter.h"

/* The programs of system calls are shared: all sys_enter blocks run one after the other. So are
 * those of sessions. */
static uint32_t program_of(const struct unit *unit)
{
	if (unit->enter)
		return program_of(unit->enter);
	if (unit->matches.items[0].attach != ATTACH_SYSCALL)
		return unit->index + 2;
	return unit->context == CONTEXT_SYSCALL_ENTER ? 0 : 1;
}

/* Where the kernel lets one task's run of a program be preempted by another task's: everywhere else
 * a per-program or per-CPU guard, or disabled preemption, keeps a program from meeting itself. */
static bool is_preemptible(const struct unit *unit)
{
	return unit->matches.items[0].attach == ATTACH_UPROBE;
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
	return types_class(c->types, map->value) == TYPE_NAMED &&
	       types_named_kind(c->types, map->value) <= NAMED_LHIST && !map->read;
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
	vec_for_each (&c->units, unit)
		node_walk(&(*unit)->probe->node, visit, *unit);
	struct map **map;
	vec_for_each (&c->maps, map) {
		(*map)->symbol = map_symbol(c, *map, "AT_");
		if ((*map)->taken)
			(*map)->other = map_symbol(c, *map, "BT_");
	}
}
