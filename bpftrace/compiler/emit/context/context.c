/* SPDX-License-Identifier: Apache-2.0 */
#include "bpftrace/compiler/emit/context/context.h"
#include "bpftrace/compiler/emit/emitter.h"

static const struct context_ops *const rows[] = {
#define CONTEXT(NAME, name) [CONTEXT_##NAME] = &context_##name,
#include "libcommon/probes/context.def"
#undef CONTEXT
};
TABLE_COMPLETE(rows, NR_CONTEXTS);

const struct context_ops *context_find(enum context_kind kind)
{
	return rows[kind];
}

const struct context_ops context_none = {.kind = CONTEXT_NONE};
const struct context_ops context_perf = {.kind = CONTEXT_PERF};
