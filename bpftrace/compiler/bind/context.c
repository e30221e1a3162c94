/* SPDX-License-Identifier: Apache-2.0 */
#include "context.h"

#include "bind.h"

struct probe_world context_world(const struct compilation *c)
{
	return (struct probe_world){
		.host = c->host,
		.kbtf = c->kbtf,
		.functions = c->functions,
		.programs = c->programs,
		.pid = c->request->pid,
		.has_child = c->request->has_child,
		.unsafe = c->request->unsafe,
		.vmlinux = *c->settings.vmlinux ? c->settings.vmlinux : NULL,
		.program = c->request->program,
	};
}

struct error *context_arguments(struct compilation *c, const struct probe_world *world,
	struct probe_match *match, uint32_t *ret)
{
	struct error *error;

	if (!match->type->arguments)
		return NULL;
	error = match->type->arguments(world, match, c->types, ret);
	if (!error && match->type->locate)
		error = match->type->locate(world, c->types, c->arena, match);
	return error;
}

void context_declare(
	struct compilation *c, const struct probe_match *match, struct span span, struct str *out)
{
	struct probe_world world = context_world(c);

	if (!match->type->declare)
		return;

	_cleanup_error_ struct error *error = match->type->declare(&world, match, out);

	if (error)
		diag_warning(c->diags, span, "%s", error->message);
}

/* The type of the result of a unit at returns of a program's functions; 0 when it is not known. */
static uint32_t result_of(const struct compilation *c, const struct unit *unit)
{
	struct types_member member;

	if (unit->context != CONTEXT_REGS_RETURN ||
		!types_member(c->types, unit->args, "retval", &member))
		return 0;
	return member.type;
}

/* A pointer and a number do not, though a slot can hold both. */
static bool go_together(struct compilation *c, uint32_t a, uint32_t b)
{
	return types_is_integer(c->types, a) == types_is_integer(c->types, b) &&
	       types_join(c->types, a, b);
}

void context_settle_results(struct compilation *c, size_t from)
{
	uint32_t first = 0;
	bool differ = false;

	for (size_t i = from; i < c->units.count; i++) {
		uint32_t type = result_of(c, c->units.items[i]);

		differ |= first && type && !go_together(c, first, type);
		first = first ? first : type;
	}
	for (size_t i = from; differ && i < c->units.count; i++) {
		struct unit *unit = c->units.items[i];
		uint32_t type = result_of(c, unit);
		struct probe_match *match;

		if (!type || types_is_integer(c->types, type))
			continue;
		unit->args = 0;
		vec_for_each (&unit->matches, match)
			match->operands = NULL;
	}
}
