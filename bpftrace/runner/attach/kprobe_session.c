/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The function that says whether a program was called at entry or at return is known to each kernel
 * by another number, the id in its types. Its context is in the first argument already, where newer
 * kernels want it; older ones take none.
 */
#include "kprobe_session.h"

#include <errno.h>
#include <string.h>

#include "kprobe_multi.h"
#include "libcommon/base/alloc.h"
#include "libcommon/host/kbtf.h"

/* The ids that programs use are those of the running kernel, whatever BPFTRACE_BTF says. */
static struct error *find_function(struct session *session)
{
	struct kbtf *kbtf = kbtf_new(session->host, NULL);
	struct kbtf_function function = {.module = "", .name = "bpf_session_is_return"};
	struct error *error = kbtf_functions(kbtf, &function, 1);

	kbtf_free(kbtf);
	if (!error && !function.id)
		error = error_new(ENOENT, "the kernel's types have no %s", function.name);
	session->is_return_id = function.id;
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
	struct session *session, uint32_t link _unused_, struct bpf_program *program)
{
	size_t count = bpf_program__insn_cnt(program);
	struct error *error = session->is_return_id ? NULL : find_function(session);

	if (error)
		return error;

	_cleanup_free_ struct bpf_insn *code = xmalloc(count * sizeof(*code));

	memcpy(code, bpf_program__insns(program), count * sizeof(*code));
	put_function(code, count, session->is_return_id);
	bpf_program__set_expected_attach_type(program, KPROBE_SESSION_ATTACH_TYPE);
	if (bpf_program__set_insns(program, code, count) != 0)
		return error_new(
			EINVAL, "the program %s cannot be completed", bpf_program__name(program));
	return NULL;
}
