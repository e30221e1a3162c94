/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include "libcommon/base/attributes.h"
#include "loop/run.h"
#include "names/names.h"
#include "options.h"
#include "show/capture.h"
#include "show/show.h"

struct error *session_init(struct session *session, const struct options *options)
{
	*session = (struct session){
		.options = options,
		.host = HOST_INIT,
		.request = request_init(),
		.compile = COMPILE_INIT,
		.broker = {.host = &session->host, .arena = &session->traced.arena},
		.traced = TRACED_INIT,
		.tracee = TRACEE_INIT,
		.attachments =
			{
				.host = &session->host,
				.traced = &session->traced,
				.tracee = &session->tracee,
				.broker = &session->broker,
				.fd_watch = &session->fd_watch,
				.disabled_features = options->disabled_features,
				.dry_run = options->dry_run,
			},
		.actions.traced = &session->traced,
		.fd_watch.fd = -1,
	};
	session->names = names_new();
	return host_open_root("/", &session->host);
}

void session_stop_helpers(struct session *session)
{
	names_close(session->names);
	helper_stop(&session->actions.executor);
	tracee_end(&session->tracee);
	tracee_wait(&session->tracee);
}

void session_deinit(struct session *session)
{
	compile_abandon(&session->compile);
	broker_deinit(&session->broker);
	attachments_deinit(&session->attachments);
	if (session->run)
		run_close(session->run);
	if (session->output)
		output_close(session->output);
	capture_close(&session->actions.captures);
	session_stop_helpers(session);
	names_free(session->names);
	cleanup_close(&session->fd_watch.fd);
	tracee_deinit(&session->tracee);
	request_deinit(&session->request);
	traced_deinit(&session->traced);
	host_deinit(&session->host);
}
