/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BEGIN, END and self: are raw tracepoint programs that are never attached: BPF_PROG_TEST_RUN runs
 * them in this process, here and now. Source: Documentation/bpf/bpf_prog_run.rst of the kernel.
 */
#include "attach.h"

#include <bpf/bpf.h>
#include <errno.h>

static struct error *run_once(struct attachments *attachments, uint32_t link,
	struct bpf_program *program, struct attachment *ret _unused_)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	int result = bpf_prog_test_run_opts(bpf_program__fd(program), &options);

	if (result != 0)
		return error_system(-result, "cannot run %s",
			attach_descs[attachments->traced->bundle.manifest.links.items[link].attach]
				.name);
	return NULL;
}

/* After exit() in one BEGIN the next ones are not run. */
static struct error *run_begin(struct attachments *attachments, uint32_t link,
	struct bpf_program *program, struct attachment *ret)
{
	if (attachments->traced->state->stopped)
		return NULL;
	return run_once(attachments, link, program, ret);
}

const struct attach_ops attach_begin = {
	.program_type = BPF_PROG_TYPE_RAW_TRACEPOINT,
	.attach = run_begin,
};

const struct attach_ops attach_end = {
	.program_type = BPF_PROG_TYPE_RAW_TRACEPOINT,
	.attach = run_once,
};

const struct attach_ops attach_self = {
	.program_type = BPF_PROG_TYPE_RAW_TRACEPOINT,
	.attach = run_once,
};
