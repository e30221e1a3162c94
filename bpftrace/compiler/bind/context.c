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
