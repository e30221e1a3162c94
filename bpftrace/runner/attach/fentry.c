/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of the kernel and its modules by their trampolines. The function is a parameter of
 * loading the program (trampoline.h).
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "trampoline.h"

enum {
	ENOTSUPP = 524,       /* the kernel's own, not in errno.h */
	EVERY_TRAMPOLINE = 6, /* words of arguments that those of all kernels pass on */
};

/* The function's module has no types, or they lack it. */
static struct error *undescribed(const struct manifest_probe *probe)
{
	if (!probe->target || !*probe->target)
		return error_new(ENOENT,
			"cannot attach %s: the types of this kernel do not describe the function",
			probe->name);
	return error_new(ENOENT,
		"cannot attach %s: the types of this kernel do not describe the function of the "
		"module %s; use kprobe:%s:%s",
		probe->name, probe->target, probe->target, probe->event);
}

static struct error *prepare(
	struct attachments *attachments, uint32_t link, struct bpf_program *program)
{
	const struct manifest_probe *probe = attach_member(attachments, link);
	bool is_exit =
		attachments->traced->bundle.manifest.links.items[link].attach == ATTACH_FEXIT;
	uint32_t id = 0;
	struct error *error = trampolines_find(attachments, link, &id);

	bpf_program__set_expected_attach_type(
		program, is_exit ? BPF_TRACE_FEXIT : BPF_TRACE_FENTRY);
	if (error)
		return error_prefix(error, "cannot attach %s", probe->name);
	return id ? NULL : undescribed(probe);
}

/* The requirements, where no cause can be found. */
static void append_needs(int number, struct str *out)
{
	str_printf(out,
		"the kernel cannot make a trampoline for it (%s); that requires "
		"CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS and CONFIG_BPF_JIT",
		number == ENOTSUPP ? "not supported" : strerror(number));
}

static void append_cause(
	const struct attachments *attachments, uint32_t link, int number, struct str *out)
{
	uint32_t words = trampolines_words(attachments, link);

	if (number == EBUSY)
		str_append(out, "the function is in use by live patching or ftrace");
	else if ((number == ENOTSUPP || number == EOPNOTSUPP) && words > EVERY_TRAMPOLINE)
		str_printf(out,
			"its arguments take %u registers, more than the trampolines of this "
			"kernel support",
			words);
	else if (!obstacle_find(attachments->host, OBSTACLE_FENTRY, number, out))
		append_needs(number, out);
}

/* Refused by the kernel, at load or at attach. */
static struct error *failed(const struct attachments *attachments, uint32_t link, int number)
{
	const struct manifest_probe *probe = attach_member(attachments, link);
	const char *module = probe->target && *probe->target ? probe->target : NULL;
	_cleanup_str_ struct str message = STR_INIT, unused = STR_INIT, hint = STR_INIT;

	str_printf(&message, "cannot attach %s: ", probe->name);
	append_cause(attachments, link, number, &message);
	if (!obstacle_in_kernel(attachments->host, OBSTACLE_KPROBE, &unused))
		str_printf(&hint, "use kprobe:%s%s%s", module ? module : "", module ? ":" : "",
			probe->event);
	return attach_show(
		attachments, link, str_text(&message), *str_text(&hint) ? str_text(&hint) : NULL);
}

static struct error *attach(struct attachments *attachments, uint32_t link,
	struct bpf_program *program, struct attachment *ret)
{
	const struct manifest_probe *probe = attach_member(attachments, link);
	struct error *error = attach_check_silent(attachments, OBSTACLE_FENTRY, probe->name);

	if (error)
		return error;
	int fd = bpf_raw_tracepoint_open(NULL, bpf_program__fd(program));

	if (fd < 0)
		return failed(attachments, link, -fd);
	attachment_add(ret, fd);
	ret->slow = true;
	return NULL;
}

const struct attach_ops attach_fentry = {
	.program_type = BPF_PROG_TYPE_TRACING,
	.prepare_load = trampolines_prepare_load,
	.explain_load = failed,
	.prepare = prepare,
	.runs_last_first = attach_last_first,
	.attach = attach,
};

const struct attach_ops attach_fexit = {
	.program_type = BPF_PROG_TYPE_TRACING,
	.prepare_load = trampolines_prepare_load,
	.explain_load = failed,
	.prepare = prepare,
	.runs_last_first = attach_last_first,
	.attach = attach,
};
