/* SPDX-License-Identifier: Apache-2.0 */
/* Ending the run. */
#pragma once

#include "bpftrace/compiler/emit/emitter.h"

/* Ends it with a status (i64), as the call node does; the caller begins another block. */
void control_exit(struct emitter *e, struct node *node, LLVMValueRef status);
