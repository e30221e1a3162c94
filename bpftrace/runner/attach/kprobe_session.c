/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The function that returns whether a program was called at entry or at return is called by its id
 * in the types of the running kernel. Its context is in the first argument already, where newer
 * kernels want it; older ones take none.
 */
#include "kprobe_session.h"

#include <errno.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/host/kbtf.h"
#include "uapi.h"

/* The id must be that of the running kernel, whatever BPFTRACE_BTF is. */
static struct error *find_function(struct attachments *attachments)
{
	struct kbtf *kbtf = kbtf_new(attachments->host, NULL);
	struct kbtf_function function = {.module = "", .name = "bpf_session_is_return"};
	struct error *error = kbtf_functions(kbtf, &function, 1);

	kbtf_free(kbtf);
	if (!error && !function.id)
		error = error_new(ENOENT, "the kernel's types have no %s", function.name);
	attachments->is_return_id = function.id;
	return error;
}

static void put_function(struct bpf_insn *code, size_t count, uint32_t id)
{
	for (size_t i = 0; i < count; i++) {
		if (code[i].code != (BPF_JMP | BPF_CALL) || code[i].src_reg != 0 ||
			code[i].imm != CALL_IS_RETURN)
			continue;
		code[i].src_reg = BPF_PSEUDO_KFUNC_CALL;
		code[i].imm = (int32_t)id;
	}
}

struct error *kprobe_session_prepare(
	struct attachments *attachments, uint32_t link _unused_, struct bpf_program *program)
{
	size_t count = bpf_program__insn_cnt(program);
	struct error *error = attachments->is_return_id ? NULL : find_function(attachments);

	if (error)
		return error;

	_cleanup_free_ struct bpf_insn *code = xmalloc(count * sizeof(*code));

	memcpy(code, bpf_program__insns(program), count * sizeof(*code));
	put_function(code, count, attachments->is_return_id);
	bpf_program__set_expected_attach_type(
		program, (enum bpf_attach_type)UAPI_TRACE_KPROBE_SESSION);
	if (bpf_program__set_insns(program, code, count) != 0)
		return error_new(
			EINVAL, "the program %s cannot be completed", bpf_program__name(program));
	return NULL;
}
