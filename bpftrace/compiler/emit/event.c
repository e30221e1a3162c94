/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timers, counters and watchpoints of several blocks: one program for each such event, which calls
 * the blocks in the script's order. Separate perf events would run in an undefined order, and a CPU
 * has few breakpoint registers. Blocks that use more maps than one program may have are distributed
 * to several events.
 */
#include <string.h>

#include "event.h"
#include "ir.h"
#include "plan.h"
#include "program.h"
#include "prologue.h"

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Members that do not tell events apart: an address may have several symbols, and a function that
 * is named may also be a member of a wildcard. */
static const struct {
#define FIELD(KIND, name) bool name;
	PROBE_LINK_FIELDS
	PROBE_PLACE_FIELDS
#undef FIELD
} may_differ = {.event = true, .optional = true};

#define SAME_ATTACH(a, b) ((a) == (b))
#define SAME_BOOL(a, b)   ((a) == (b))
#define SAME_BITS(a, b)   ((a) == (b))
#define SAME_U32(a, b)    ((a) == (b))
#define SAME_PID(a, b)    ((a) == (b))
#define SAME_WIDTH(a, b)  ((a) == (b))
#define SAME_OFFSET(a, b) ((a) == (b))
#define SAME_TEXT(a, b)   same_text(a, b)

static bool same_event(const struct probe_match *a, const struct probe_match *b)
{
#define FIELD(KIND, name) (may_differ.name || SAME_##KIND(a->name, b->name)) &&
	return PROBE_LINK_FIELDS PROBE_PLACE_FIELDS same_text(a->target, b->target);
#undef FIELD
}

/* The first of the unit's matches from *at on that is the event; NULL when there is none. */
static const struct probe_match *next_match(
	const struct unit *unit, const struct probe_match *event, size_t *at)
{
	for (; *at < unit->matches.count; (*at)++)
		if (same_event(&unit->matches.items[*at], event))
			return &unit->matches.items[(*at)++];
	return NULL;
}

/* Whether one of the unit's events is another unit's, too. */
bool event_is_shared(const struct compilation *c, const struct unit *unit)
{
	const struct probe_match *match;

	if (!attach_has((unit->matches.items)->attach, SHARES_EVENT))
		return false;
	vec_for_each (&unit->matches, match) {
		struct unit **other;

		vec_for_each (&c->units, other) {
			size_t at = 0;

			if (*other != unit && next_match(*other, match, &at))
				return true;
		}
	}
	return false;
}

static void call_blocks(struct emitter *e, const struct dispatched *list, size_t count,
	const struct probe_match *event, uint32_t link)
{
	for (size_t i = 0; i < count; i++) {
		const struct unit *unit = list[i].unit;
		const struct probe_match *match;

		for (size_t at = 0; (match = next_match(unit, event, &at));) {
			LLVMBasicBlockRef next = ir_block(e, "next");

			prologue_stopped(e);
			program_call(
				e, unit, list[i].block, ir_const(e, unit->names[at - 1]), next);
			ir_jump(e, next);
			ir_begin(e, next);
			program_add_probe(e, unit, match, link);
		}
	}
}

/* The program of one event: the blocks of list are called in the script's order. */
static void emit_event(struct emitter *e, const struct dispatched *list, size_t count,
	const struct probe_match *event)
{
	const struct unit *first = list[0].unit;
	size_t part = (size_t)(event - first->matches.items);
	const char *name = program_name_of(e, first, event, part);
	struct bpf_function program = {};

	program_begin(e, &program, name, event, first->probe->node.span);
	uint32_t link = program_add_link(e, event, name, first, list[count - 1].unit);

	call_blocks(e, list, count, event, link);
	program_end(e, &program);
}

/* list begins with a block of the event. */
static void emit_programs(struct emitter *e, const struct dispatched *list, size_t count,
	const struct probe_match *event)
{
	struct dispatched *members = arena_array(e->c->arena, struct dispatched, count);
	size_t left = 0;

	for (size_t i = 0; i < count; i++) {
		size_t at = 0;

		if (next_match(list[i].unit, event, &at))
			members[left++] = list[i];
	}
	while (left > 0) {
		size_t at = 0, fit = plan_blocks_of_program(e->c, members, left);

		emit_event(e, members, fit, next_match(members->unit, event, &at));
		members += fit;
		left -= fit;
	}
}

static bool has_event(const struct dispatched *list, size_t count, const struct probe_match *event)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = 0;

		if (next_match(list[i].unit, event, &at))
			return true;
	}
	return false;
}

void event_emit_all(struct emitter *e, const struct dispatched *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct unit *unit = list[i].unit;
		const struct probe_match *match;

		vec_for_each (&unit->matches, match)
			if (!has_event(list, i, match))
				emit_programs(e, list + i, count - i, match);
	}
}
