/* SPDX-License-Identifier: Apache-2.0 */
#include "context.h"

#include "bind.h"

struct probe_world context_world(const struct compilation *c)
{
	return (struct probe_world){
		.host = c->host,
		.kbtf = c->kbtf,
		.functions = c->functions,
		.pid = c->request->pid,
		.has_child = c->request->has_child,
		.unsafe = c->request->unsafe,
		.vmlinux = *c->settings.vmlinux ? c->settings.vmlinux : NULL,
		.program = c->request->program,
	};
}

uint32_t context_arguments(struct compilation *c, const struct probe_world *world,
	const struct probe_match *match, struct span span)
{
	uint32_t type = 0;

	if (!match->type->arguments)
		return 0;

	_cleanup_error_ struct error *error = match->type->arguments(world, match, c->types, &type);

	if (error) {
		diag_error(c->diags, span, "%s", error->message);
		return 0;
	}
	return type;
}
