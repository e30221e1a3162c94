/* SPDX-License-Identifier: Apache-2.0 */
/* Loops within one function. */
#pragma once

#include "emitter.h"

void loop_while(struct emitter *e, struct while_loop *loop);
void loop_unroll(struct emitter *e, struct unroll *loop);

/* Emits a break, continue or return. */
void loop_jump(struct emitter *e, struct jump *jump);

/* Where break and continue branch to. */
struct loop_targets {
	LLVMBasicBlockRef break_to, continue_to;
};

/* Makes new targets for a loop; returns those of the loop around it, for loop_leave. */
struct loop_targets loop_enter(struct emitter *e);
void loop_leave(struct emitter *e, struct loop_targets outer);
