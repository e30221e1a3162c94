/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of a static probe, at the operands of its note. All matches of a unit have the
 * same.
 */
#include "bpftrace/compiler/emit/context/context.h"
#include "bpftrace/compiler/emit/context/operands.h"

static struct value usdt_argument(struct emitter *e, uint32_t number, uint32_t type)
{
	const struct operands *operands = e->unit->matches.items[0].operands;

	return operands_value(e, &operands->items[number], type);
}

const struct context_ops context_usdt = {
	.kind = CONTEXT_USDT,
	.argument = usdt_argument,
};
