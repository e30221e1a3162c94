/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libcommon/base/attributes.h"
#include "session.h"

/* Notes the slow links (attachment.slow); when all are attached. */
void release_prepare(const struct attachments *attachments);

/*
 * Ends the process with a status, after all output is written and release_prepare was called. Slow
 * links are left to a helper process, so that the prompt of a shell does not wait for them.
 */
_noreturn_ void release(struct session *session, int status);

/* The same for a signal handler: does not wait for helper processes. Async-signal-safe. */
_noreturn_ void release_at_once(int status);
