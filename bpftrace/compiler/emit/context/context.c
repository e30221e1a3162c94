/* SPDX-License-Identifier: Apache-2.0 */
#include "bpftrace/compiler/emit/emitter.h"

static const struct context_row *const rows[] = {
	[CONTEXT_NONE] = &context_none,
	[CONTEXT_PERF] = &context_perf,
	[CONTEXT_REGS] = &context_regs,
	[CONTEXT_REGS_RETURN] = &context_regs_return,
	[CONTEXT_USDT] = &context_usdt,
	[CONTEXT_RECORD] = &context_record,
	[CONTEXT_RAW] = &context_raw,
	[CONTEXT_SYSCALL_ENTER] = &context_syscall_enter,
	[CONTEXT_SYSCALL_EXIT] = &context_syscall_exit,
	[CONTEXT_FENTRY] = &context_fentry,
	[CONTEXT_FEXIT] = &context_fexit,
	[CONTEXT_ITER] = &context_iter,
};
TABLE_COMPLETE(rows, NR_CONTEXTS);

const struct context_row *context_row(enum context_kind kind)
{
	return rows[kind];
}

const struct context_row context_none = {.kind = CONTEXT_NONE};
const struct context_row context_perf = {.kind = CONTEXT_PERF};
