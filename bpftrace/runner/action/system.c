/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that was started before the privileges went runs the command (executor.h). Until it has
 * ended nothing else is printed, so that its output stands where the program called for it. A
 * signal that ends the run ends the command, too, and those that wait behind it never begin.
 */
#include <string.h>

#include "action.h"
#include "bpftrace/runner/executor.h"
#include "bpftrace/runner/run.h"
#include "bpftrace/runner/show/show.h"
#include "libcommon/base/log.h"

/* One message of the executor; true when the command goes on. */
static bool take_answer(struct session *session, bool shown)
{
	_cleanup_str_ struct str answer = STR_INIT;

	if (!servant_answer(&session->executor, &answer) || answer.data[0] != EXECUTOR_OUTPUT)
		return false;
	if (shown)
		session->output->ops->printed(
			session->output, "syscall", answer.data + 1, answer.length - 1);
	return true;
}

static void handle(
	struct session *session, const struct site *site, const void *record, size_t size)
{
	static const char stop[] = "";
	const struct servant *executor = &session->executor;
	const char *command = str_text(action_format(session, site, record, size));
	bool shown = true;

	if (!*command || run_interrupted(session->run))
		return;
	if (!servant_ask(executor, command, strlen(command) + 1)) {
		log_warning("system: the command is longer than %d bytes", SERVANT_MESSAGE);
		return;
	}
	do {
		output_flush(session->output);
		if (shown && !run_wait(session->run, executor->fd)) {
			servant_ask(executor, stop, sizeof(stop));
			shown = false;
		}
	} while (take_answer(session, shown));
}

const struct action_handler action_system = {
	.action = ACTION_SYSTEM,
	.prepare = action_prepare_format,
	.handle = handle,
};
