/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that the kernel runs at the entry and at the return of functions. */
#pragma once

#include "attach.h"
#include "libcommon/base/error.h"

/* For attach_ops.prepare: the program gets its attach type, and its calls of CALL_IS_RETURN
 * (door/state.h) become calls of the running kernel's function. */
struct error *kprobe_session_prepare(
	struct attachments *attachments, uint32_t link, struct bpf_program *program);
