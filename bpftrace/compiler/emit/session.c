/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions: a block at the entry of functions and the next one at their returns are run by one
 * program and attached by one link, where the kernel has such links. Each block keeps its unit, its
 * numbers and its probes in the manifest. Functions that a third block traces are excluded, since
 * the kernel calls sessions and other links of a function in an undefined order.
 */
#include <string.h>

#include "libcommon/base/hashmap.h"
#include "libcommon/host/feature.h"
#include "emitter.h"
#include "session.h"

#define NEEDED (FEATURE_BIT(FEATURE_KPROBE_MULTI) | FEATURE_BIT(FEATURE_KPROBE_SESSION))

static bool is_kprobe(const struct unit *unit)
{
	return unit->matches.items[0].attach == ATTACH_KPROBE;
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool same_function(const struct probe_match *a, const struct probe_match *b)
{
	return same_text(a->target, b->target) && same_text(a->event, b->event) &&
	       a->optional == b->optional;
}

static bool same_functions(const struct unit *a, const struct unit *b)
{
	if (a->matches.count != b->matches.count)
		return false;
	for (size_t i = 0; i < a->matches.count; i++)
		if (!same_function(&a->matches.items[i], &b->matches.items[i]))
			return false;
	return true;
}

/* How many matches of the script are at each function, by name: modules may have functions of the
 * same name, or leave it to us which one is meant. */
static void count_matches(struct compilation *c, struct hashmap *ret)
{
	struct unit **unit;
	const struct probe_match *match;

	vec_for_each (&c->units, unit) {
		if (!is_kprobe(*unit))
			continue;
		vec_for_each (&(*unit)->matches, match) {
			void **count = hashmap_text_slot(ret, match->event);

			*count = (void *)((uintptr_t)*count + 1);
		}
	}
}

static bool are_alone(const struct hashmap *counts, const struct unit *unit)
{
	const struct probe_match *match;

	vec_for_each (&unit->matches, match) {
		const void *count = hashmap_text_get(counts, match->event);

		if ((uintptr_t)count != 2)
			return false;
	}
	return true;
}

void session_plan(struct compilation *c)
{
	_cleanup_hashmap_ struct hashmap counts = HASHMAP_INIT;

	/* override() requires a link for each function */
	if (c->request->unsafe || (c->request->features & NEEDED) != NEEDED)
		return;
	count_matches(c, &counts);
	for (size_t i = 0; i + 1 < c->units.count; i++) {
		struct unit *enter = c->units.items[i], *leave = c->units.items[i + 1];

		if (is_kprobe(enter) && is_kprobe(leave) && enter->context == CONTEXT_REGS &&
			leave->context == CONTEXT_REGS_RETURN && same_functions(enter, leave) &&
			are_alone(&counts, enter))
			leave->enter = enter;
	}
}

struct unit *session_leave(const struct compilation *c, const struct unit *enter)
{
	size_t next = enter->index + 1;
	struct unit *leave = next < c->units.count ? c->units.items[next] : NULL;

	return leave && leave->enter == enter ? leave : NULL;
}
