/* SPDX-License-Identifier: Apache-2.0 */
#include "session_loop.h"

#include "attach/attach.h"
#include "libcommon/base/log.h"
#include "loop/run.h"
#include "release.h"
#include "session.h"

/* In a handler. */
static void quit(void *context)
{
	const struct session *session = context;

	tracee_end(&session->tracee);
	release_at_once(1);
}

static void unwatch(void *context, uint64_t address)
{
	watchpoint_forget(context, address);
}

/* Runs the blocks of self:signal:SIGUSR1. */
static void user_signal(void *context)
{
	struct session *session = context;
	_cleanup_error_ struct error *error = attach_kind(&session->attachments, ATTACH_SELF);

	if (error)
		log_warning("%s", error->message);
}

struct error *session_loop_open(struct session *session)
{
	const struct run_sources sources = {
		.child_pidfd = session->tracee.pidfd,
		.fd_watch = &session->fd_watch,
		.quit = quit,
		.quit_context = session,
		.user_signal =
			attach_has_kind(&session->attachments, ATTACH_SELF) ? user_signal : NULL,
		.user_signal_context = session,
	};

	session->actions.unwatch = unwatch;
	session->actions.unwatch_context = &session->attachments;

	struct error *error = run_open(&session->actions, &sources, &session->run);

	session->attachments.waiter = session->actions.waiter;
	return error;
}
