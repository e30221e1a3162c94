/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of processes and threads in the runner's pid namespace, i64; 0 for tasks outside of it.
 */
#pragma once

#include "emitter.h"

LLVMValueRef process_number(struct emitter *e);        /* of the current process */
LLVMValueRef process_thread_number(struct emitter *e); /* of the current thread */

/* The same in the initial pid namespace: of the process, or of the thread. */
LLVMValueRef process_initial_number(struct emitter *e, bool of_process);

/* Of the process of the task_struct at an address (i64), in which tgid is at this offset (i64). */
LLVMValueRef process_number_of(struct emitter *e, LLVMValueRef task, LLVMValueRef tgid_offset);
