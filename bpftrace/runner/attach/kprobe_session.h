/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that the kernel runs at the entry and at the return of functions. */
#pragma once

#include "bpftrace/runner/session.h"
#include "libcommon/base/error.h"

/* For attach_row.prepare: the program gets its attach type, and its calls of CALL_IS_RETURN
 * (door/state.h) become calls of the running kernel's function. */
struct error *kprobe_session_prepare(
	struct session *session, uint32_t link, struct bpf_program *program);
