/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include "attach/attach.h"
#include "attach/trampoline.h"
#include "capture.h"
#include "libcommon/base/alloc.h"
#include "libcommon/host/cgroup.h"
#include "run.h"
#include "show/show.h"

struct error *session_init(struct session *session, const struct options *options)
{
	*session = (struct session){
		.options = options,
		.request = request_init(),
		.compile = COMPILE_INIT,
		.data_ring_fd = -1,
		.control_ring_fd = -1,
		.child_pidfd = -1,
		.child_gate = -1,
		.fence_fd = -1,
		.fence_member_fd = -1,
	};
	session->host = arena_new(&session->arena, struct host);
	*session->host = HOST_INIT;
	return host_open_root("/", session->host);
}

void session_deinit(struct session *session)
{
	const struct manifest *manifest = &session->bundle.manifest;

	compile_abandon(&session->compile);
	for (size_t i = 0; session->attachments && i < manifest->links.count; i++) {
		if (session->attachments[i])
			attachment_deinit(session->attachments[i]);
	}
	if (session->run)
		run_close(session->run);
	if (session->output)
		output_close(session->output);
	capture_close(session);
	cgroup_tree_free(session->cgroups);
	servant_stop(&session->names);
	servant_stop(&session->executor);
	cleanup_close(&session->fence_fd);
	cleanup_close(&session->fence_member_fd);
	if (session->child_gate >= 0)
		close(session->child_gate);
	if (session->child_pidfd >= 0)
		close(session->child_pidfd);
	bpf_object__close(session->object);
	bundle_deinit(&session->bundle);
	request_deinit(&session->request);
	trampolines_free(session->trampolines);
	functions_free(session->functions);
	host_deinit(session->host);
	arena_deinit(&session->arena);
}
