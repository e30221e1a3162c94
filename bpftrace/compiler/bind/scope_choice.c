/* SPDX-License-Identifier: Apache-2.0 */
/* Branches that comptime conditions choose: now, or when types are known. */
#include "comptime.h"
#include "scope.h"

bool scope_choice(
	struct resolver *r, struct node **slot, struct node *condition, enum scope_use use)
{
	struct scope_state state = {r->frame, r->loop, r->wants_text, use};
	struct comptime_value_of *comptime;
	bool holds;

	if (condition->kind != NODE_COMPTIME)
		return false;
	scope_node(r, &condition, USE_VALUE);
	if (comptime_holds(r->c, r->unit, condition, &holds)) {
		comptime_choose(r->c, slot, holds);
		scope_node(r, slot, use);
		return true;
	}
	comptime = node_comptime_value_of(condition);
	comptime->state = arena_memdup(r->c->arena, &state, sizeof(state));
	r->c->undecided++;
	return true;
}

void scope_resume(struct compilation *c, struct unit *unit, struct node **slot,
	const struct scope_state *state)
{
	struct resolver *r = c->resolver;

	r->unit = unit;
	r->frame = state->frame;
	r->loop = state->loop;
	r->wants_text = state->wants_text;
	scope_node(r, slot, state->use);
	scope_join_variables(r);
}
