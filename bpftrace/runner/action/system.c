/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands are run by a helper process that was started before privileges were dropped
 * (executor.h). Until a command has ended nothing else is printed, so that its output is in order.
 * A signal that ends the run ends the command, too, and later ones are skipped.
 */
#include <string.h>

#include "action.h"
#include "bpftrace/runner/process/executor.h"
#include "bpftrace/runner/show/show.h"
#include "libcommon/base/log.h"
#include "libcommon/base/utf8.h"

/* Time limit for a command to end once requested; the executor kills it earlier. */
enum { END_MS = 3000 };

static void give_up(struct helper_process *executor, enum helper_state state)
{
	_cleanup_str_ struct str fate = STR_INIT;

	if (state == HELPER_TIMEOUT || state == HELPER_STOPPED ||
		!helper_describe_end(executor, END_MS, &fate))
		str_append(&fate, "does not respond");
	log_warning(
		"system: commands are not run any more: the helper process %s", str_text(&fate));
	helper_kill(executor);
}

/* Prints the command's output so far, and keeps the bytes of an incomplete character. */
static void print(struct actions *actions, struct str *output, bool has_ended)
{
	size_t rest = has_ended ? 0 : utf8_unfinished(output->data, output->length);
	size_t size = output->length - rest;

	if (size == 0)
		return;
	action_print_foreign(actions, "syscall", output->data, size);
	memmove(output->data, output->data + size, rest);
	str_truncate(output, rest);
}

/* Handles one message of the executor; returns true while the command runs. shown: false once it
 * was requested to end. */
static bool take_answer(struct actions *actions, bool shown, struct str *output)
{
	_cleanup_str_ struct str answer = STR_INIT;
	enum helper_state state = helper_receive(&actions->executor, shown ? -1 : END_MS, &answer);

	if (state != HELPER_ANSWERED)
		give_up(&actions->executor, state);
	bool has_ended = state != HELPER_ANSWERED || answer.data[0] != EXECUTOR_OUTPUT;

	if (!has_ended)
		str_append_bytes(output, answer.data + 1, answer.length - 1);
	if (shown)
		print(actions, output, has_ended);
	return !has_ended;
}

/* Returns false when the command could not be requested. */
static bool ask(struct helper_process *executor, const char *command)
{
	size_t size = strlen(command) + 1;

	if (size > HELPER_MESSAGE) {
		log_warning("system: the command is longer than %d bytes", HELPER_MESSAGE);
		return false;
	}
	if (helper_request(executor, command, size))
		return true;
	give_up(executor, HELPER_ENDED);
	return false;
}

static void handle(
	struct actions *actions, const struct site *site, const void *record, size_t size)
{
	static const char stop[] = "";
	struct helper_process *executor = &actions->executor;
	const char *command = str_text(action_format(actions, site, record, size, false));
	_cleanup_str_ struct str output = STR_INIT;
	bool shown = true;

	if (!*command || !executor->pid)
		return;
	if (waiter_interrupted(actions->waiter)) {
		actions->left_out++;
		return;
	}
	if (!ask(executor, command))
		return;
	do {
		output_flush(actions->output);
		if (shown && !actions->waiter->readable(actions->waiter->context, executor->fd)) {
			helper_request(executor, stop, sizeof(stop));
			shown = false;
		}
	} while (take_answer(actions, shown, &output));
}

const struct action_ops action_system = {
	.action = ACTION_SYSTEM,
	.is_slow = true,
	.prepare = action_prepare_format,
	.handle = handle,
};
