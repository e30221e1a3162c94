/* SPDX-License-Identifier: Apache-2.0 */
/* How programs get their arguments. */
#pragma once

#include "bpftrace/compiler/emit/emitter.h"

/* What a kind of context provides; NULL: it does not. */
struct context_ops {
	enum context_kind kind;

	/* argN, sargN and retval, of the type given. */
	struct value (*argument)(struct emitter *e, uint32_t number, uint32_t type);
	struct value (*stack_argument)(struct emitter *e, uint32_t number, uint32_t type);
	struct value (*result)(struct emitter *e, uint32_t type);

	/* A member of `args`, the one with this index. */
	struct value (*member)(struct emitter *e, struct types_member member, uint32_t index);

	/* A pointer among the members that keeps the type that the verifier has for it. */
	LLVMValueRef (*typed)(struct emitter *e, struct types_member member);
};
#define CONTEXT(NAME, name) extern const struct context_ops context_##name;
#include "libcommon/probes/context.def"
#undef CONTEXT

const struct context_ops *context_find(enum context_kind kind);

/* Returns the file that the program of an iterator writes to, typed as the verifier requires. */
LLVMValueRef context_iter_file(struct emitter *e);

/* Writes a byte to that file, so that the reader's read() returns. */
void context_iter_tick(struct emitter *e);

/* Returns the number of the system call of a raw sys_enter or sys_exit event, i64. */
LLVMValueRef context_syscall_number(struct emitter *e, enum context_kind kind);
