/* SPDX-License-Identifier: Apache-2.0 */
#include "attach.h"

#include <errno.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"

static const struct attach_row *const rows[] = {
	[ATTACH_BEGIN] = &attach_begin,
	[ATTACH_END] = &attach_end,
	[ATTACH_TRACEPOINT] = &attach_tracepoint,
	[ATTACH_RAW_TRACEPOINT] = &attach_raw_tracepoint,
	[ATTACH_SYSCALL] = &attach_syscall,
	[ATTACH_PERF] = &attach_perf,
	[ATTACH_UPROBE] = &attach_uprobe,
	[ATTACH_KPROBE] = &attach_kprobe,
	[ATTACH_KPROBE_SESSION] = &attach_kprobe_session,
	[ATTACH_KPROBE_INSIDE] = &attach_kprobe_inside,
	[ATTACH_FENTRY] = &attach_fentry,
	[ATTACH_FEXIT] = &attach_fexit,
	[ATTACH_ITER] = &attach_iter,
	[ATTACH_WATCHPOINT] = &attach_watchpoint,
	[ATTACH_WATCH_ARGUMENT] = &attach_watch_argument,
};
TABLE_COMPLETE(rows, NR_ATTACH);

static const struct {
	int number;
	const char *remedy;
} remedies[] = {
	{EACCES, "root or CAP_PERFMON is needed, and the kernel may be locked down"},
	{EPERM, "root or CAP_PERFMON is needed, and the kernel may be locked down"},
	{EMFILE, "raise the limit of open files (ulimit -n)"},
	{E2BIG, "the kernel runs at most 64 programs at one event; put blocks together"},
	{ENODEV, "this machine has no such event"},
	{ENOENT, "there is no such event here; bpftrace -l lists what there is"},
	{EOPNOTSUPP, "this machine does not support the event"},
};

const struct attach_row *attach_row(enum attach_kind kind)
{
	return rows[kind];
}

void attachment_add(struct attachment *attachment, int fd)
{
	attachment->fds =
		xrealloc(attachment->fds, (attachment->count + 1) * sizeof(*attachment->fds));
	attachment->fds[attachment->count++] = fd;
}

void attachment_deinit(struct attachment *attachment)
{
	for (size_t i = 0; i < attachment->count; i++)
		close(attachment->fds[i]);
	free(attachment->fds);
	*attachment = (struct attachment){};
}

const struct manifest_probe *attach_member(const struct session *session, uint32_t link)
{
	static const struct manifest_probe none = {.name = "a probe", .event = "", .target = ""};
	const struct manifest_probe *probe;

	attach_for_each_probe (session, link, probe)
		return probe;
	return &none;
}

struct error *attach_left_out(
	struct session *session, const struct manifest_probe *probe, struct error *error)
{
	if (!probe->optional)
		return error;
	log_verbose("%s", error->message);
	error_free(error);
	session->unattached++;
	return NULL;
}

static struct error *explain_number(const char *name, int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(remedies); i++) {
		if (remedies[i].number == number)
			return error_new(number, "cannot attach %s: %s: %s", name, strerror(number),
				remedies[i].remedy);
	}
	return error_system(number, "cannot attach %s", name);
}

struct error *attach_failed(
	const struct session *session, enum obstacle kind, const char *name, int number)
{
	_cleanup_str_ struct str cause = STR_INIT;

	if (!obstacle_find(session->host, kind, number, &cause))
		return explain_number(name, number);
	return error_new(number, "cannot attach %s: %s", name, str_text(&cause));
}

struct error *attach_muted(struct session *session, enum obstacle kind, const char *name)
{
	_cleanup_str_ struct str cause = STR_INIT;

	if (session->unmuted & 1u << kind)
		return NULL;
	if (!obstacle_mutes(session->host, kind, &cause)) {
		session->unmuted |= 1u << kind;
		return NULL;
	}
	return error_new(ENODEV, "%s would see nothing: %s", name, str_text(&cause));
}

static struct error *find_program(
	const struct session *session, uint32_t link, struct bpf_program **ret)
{
	const char *name = session->bundle.manifest.links.items[link].program;
	struct bpf_program *program = bpf_object__find_program_by_name(session->object, name);

	if (!program)
		return error_new(EINVAL, "the bundle has no program %s", name);
	*ret = program;
	return NULL;
}

struct error *attach_register(struct session *session)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		LIBBPF_OPTS(libbpf_prog_handler_opts, options, .cookie = (long)(uintptr_t)session,
			.prog_prepare_load_fn = rows[i]->hand_over);

		if (!rows[i]->section)
			continue;
		int handler = libbpf_register_prog_handler(
			rows[i]->section, rows[i]->program_type, 0, &options);

		if (handler < 0)
			return error_system(-handler, "libbpf");
	}
	return NULL;
}

struct error *attach_prepare(struct session *session, uint32_t link)
{
	const struct attach_row *row =
		attach_row(session->bundle.manifest.links.items[link].attach);
	struct bpf_program *program = NULL;
	struct error *error = find_program(session, link, &program);

	if (error)
		return error;
	if (bpf_program__autoload(program) && bpf_program__type(program) != row->program_type)
		return error_new(EINVAL, "the bundle uses program %s for links of two kinds",
			bpf_program__name(program));
	if (row->section && strcmp(bpf_program__section_name(program), row->section) != 0)
		return error_new(EINVAL, "program %s of the bundle is not in section %s",
			bpf_program__name(program), row->section);
	bpf_program__set_autoload(program, true);
	bpf_program__set_type(program, row->program_type);
	bpf_program__set_expected_attach_type(program, 0);
	return row->prepare ? row->prepare(session, link, program) : NULL;
}

const char *attach_unavailable(const struct session *session)
{
	const struct manifest_link *link;

	vec_for_each (&session->bundle.manifest.links, link) {
		if (attach_row(link->attach)->unavailable)
			return attach_row(link->attach)->unavailable;
	}
	return NULL;
}

capability_set attach_needs(const struct session *session)
{
	const struct manifest_link *link;
	capability_set needs = 0;

	vec_for_each (&session->bundle.manifest.links, link) {
		if (attach_row(link->attach)->needs)
			needs |= attach_row(link->attach)->needs(session);
	}
	return needs;
}

uint64_t attach_overrun(const struct session *session)
{
	size_t links = session->attachments ? session->bundle.manifest.links.count : 0;
	uint64_t sum = 0;

	for (size_t i = 0; i < links; i++) {
		const struct attachment *attachment = session->attachments[i];

		if (!attachment || !attachment->row->overrun)
			continue;
		for (size_t j = 0; j < attachment->count; j++)
			sum += attachment->row->overrun(attachment->fds[j]);
	}
	return sum;
}

static struct error *attach_link(struct session *session, uint32_t link)
{
	struct bpf_program *program = NULL;
	struct attachment attachment = {.walk_fd = -1};
	const struct manifest_probe *probe;
	struct error *error = find_program(session, link, &program);

	if (error)
		return error;
	attachment.row = attach_row(session->bundle.manifest.links.items[link].attach);
	if (log_settings.verbose) {
		attach_for_each_probe (session, link, probe)
			log_verbose("Attaching %s", probe->name);
	}
	error = attachment.row->attach(session, link, program, &attachment);
	if (error) {
		attachment_deinit(&attachment);
		return error;
	}
	session->attachments[link] = arena_memdup(&session->arena, &attachment, sizeof(attachment));
	return NULL;
}

struct error *attach_kind(struct session *session, enum attach_kind kind)
{
	const struct manifest *manifest = &session->bundle.manifest;

	for (uint32_t i = 0; i < manifest->links.count; i++) {
		if (manifest->links.items[i].attach != kind)
			continue;
		struct error *error = attach_link(session, i);

		if (error)
			return error;
	}
	return NULL;
}

static void let_go(struct session *session)
{
	for (size_t i = 0; i < session->bundle.manifest.links.count; i++) {
		if (session->attachments[i])
			attachment_deinit(session->attachments[i]);
		session->attachments[i] = NULL;
	}
}

bool attach_overrides(const struct session *session, uint32_t link)
{
	struct bpf_program *program = NULL;
	_cleanup_error_ struct error *error = find_program(session, link, &program);
	const struct bpf_insn *code = error ? NULL : bpf_program__insns(program);

	for (size_t i = 0; code && i < bpf_program__insn_cnt(program); i++) {
		if (code[i].code == (BPF_JMP | BPF_CALL) && code[i].src_reg == 0 &&
			code[i].imm == BPF_FUNC_override_return)
			return true;
	}
	return false;
}

static struct error *attach_links(struct session *session, bool overrides)
{
	const struct manifest *manifest = &session->bundle.manifest;

	for (uint32_t i = 0; i < manifest->links.count; i++) {
		enum attach_kind kind = manifest->links.items[i].attach;

		if (kind == ATTACH_BEGIN || kind == ATTACH_END ||
			attach_overrides(session, i) != overrides)
			continue;
		struct error *error = attach_link(session, i);

		if (error)
			return error;
	}
	return NULL;
}

/* Of the probes of one function the kernel runs the last one first, and none after one that
 * overrides it. */
struct error *attach_all(struct session *session)
{
	struct error *error = attach_links(session, true);

	if (!error)
		error = attach_links(session, false);
	if (error)
		let_go(session);
	return error;
}
