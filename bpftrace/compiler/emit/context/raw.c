/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of a raw tracepoint: an array of 64-bit words in the order of its TP_PROTO. */
#include "bpftrace/compiler/emit/context/context.h"
#include "bpftrace/compiler/emit/context/words.h"

static struct value raw_argument(struct emitter *e, uint32_t number, uint32_t type)
{
	return value_register(type, words_load(e, number));
}

static struct value raw_member(
	struct emitter *e, struct types_member member, uint32_t index _unused_)
{
	return words_member(e, member);
}

const struct context_ops context_raw = {
	.kind = CONTEXT_RAW,
	.argument = raw_argument,
	.member = raw_member,
};
