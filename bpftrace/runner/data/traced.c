/* SPDX-License-Identifier: Apache-2.0 */
#include "traced.h"

#include "libcommon/base/attributes.h"

void traced_deinit(struct traced *traced)
{
	cleanup_close(&traced->fence_fd);
	cleanup_close(&traced->fence_member_fd);
	bpf_object__close(traced->object);
	script_arguments_deinit(&traced->arguments);
	bundle_deinit(&traced->bundle);
	arena_deinit(&traced->arena);
}
