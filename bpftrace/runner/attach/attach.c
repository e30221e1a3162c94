/* SPDX-License-Identifier: Apache-2.0 */
#include "attach.h"

#include <errno.h>
#include <string.h>

#include "bpftrace/runner/process/progress.h"
#include "kprobe_missed.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "trampoline.h"

static const struct attach_ops *const all_ops[] = {
#define ATTACH(NAME, name, ...) [ATTACH_##NAME] = &attach_##name,
#include "libcommon/probes/attach.def"
#undef ATTACH
};
TABLE_COMPLETE(all_ops, NR_ATTACH);

static const struct {
	int number;
	const char *remedy;
} remedies[] = {
	{EACCES, "root or CAP_PERFMON is needed, and the kernel may be locked down"},
	{EPERM, "root or CAP_PERFMON is needed, and the kernel may be locked down"},
	{EMFILE, "raise the limit of open files (ulimit -n)"},
	{E2BIG, "the kernel runs at most 64 programs at one event; merge blocks"},
	{ENODEV, "this machine has no such event"},
	{ENOENT, "no such event; bpftrace -l lists the events"},
	{EOPNOTSUPP, "this machine does not support the event"},
};

const struct attach_ops *attach_ops_of(enum attach_kind kind)
{
	return all_ops[kind];
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
	helper_stop(&attachment->helper);
	*attachment = (struct attachment){};
}

struct functions *attach_functions(struct attachments *attachments)
{
	if (attachments->functions)
		return attachments->functions;
	progress_begin("reading symbols", 0);
	attachments->functions = functions_new(attachments->host);
	functions_read(attachments->functions);
	progress_end();
	return attachments->functions;
}

void attachments_open(struct attachments *attachments)
{
	attachments->items = arena_array(&attachments->traced->arena, struct attachment *,
		attachments->traced->bundle.manifest.links.count);
}

static void detach(struct attachments *attachments)
{
	size_t links = attachments->items ? attachments->traced->bundle.manifest.links.count : 0;

	for (size_t i = 0; i < links; i++) {
		if (attachments->items[i])
			attachment_deinit(attachments->items[i]);
		attachments->items[i] = NULL;
	}
}

void attachments_deinit(struct attachments *attachments)
{
	detach(attachments);
	trampolines_free(attachments->trampolines);
	functions_free(attachments->functions);
}

const struct manifest_probe *attach_member(const struct attachments *attachments, uint32_t link)
{
	static const struct manifest_probe none = {.name = "a probe", .event = "", .target = ""};
	const struct manifest_probe *probe;

	attach_for_each_probe (attachments, link, probe)
		return probe;
	return &none;
}

struct error *attach_skip_optional(
	struct attachments *attachments, const struct manifest_probe *probe, struct error *error)
{
	if (!probe->optional)
		return error;
	log_verbose("%s", error->message);
	error_free(error);
	attachments->skipped++;
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
	const struct attachments *attachments, enum obstacle kind, const char *name, int number)
{
	_cleanup_str_ struct str cause = STR_INIT;

	if (!obstacle_find(attachments->host, kind, number, &cause))
		return explain_number(name, number);
	return error_new(number, "cannot attach %s: %s", name, str_text(&cause));
}

struct error *attach_show(
	const struct attachments *attachments, uint32_t link, const char *message, const char *hint)
{
	const struct manifest *manifest = &attachments->traced->bundle.manifest;
	_cleanup_str_ struct str text = STR_INIT;

	manifest_show(manifest, manifest->links.items[link].head, message, hint, &text);
	fputs(str_text(&text), stderr);
	return error_new(ECANCELED, "%s", message);
}

struct error *attach_check_silent(
	struct attachments *attachments, enum obstacle kind, const char *name)
{
	_cleanup_str_ struct str cause = STR_INIT;

	if (attachments->checked & 1u << kind)
		return NULL;
	if (!obstacle_mutes(attachments->host, kind, &cause)) {
		attachments->checked |= 1u << kind;
		return NULL;
	}
	return error_new(ENODEV, "%s would see no events: %s", name, str_text(&cause));
}

static struct error *find_program(
	const struct attachments *attachments, uint32_t link, struct bpf_program **ret)
{
	const char *name = attachments->traced->bundle.manifest.links.items[link].program;
	struct bpf_program *program =
		bpf_object__find_program_by_name(attachments->traced->object, name);

	if (!program)
		return error_new(EINVAL, "the bundle has no program %s", name);
	*ret = program;
	return NULL;
}

struct error *attach_register(struct attachments *attachments)
{
	for (size_t i = 0; i < ARRAY_SIZE(all_ops); i++) {
		LIBBPF_OPTS(libbpf_prog_handler_opts, options,
			.cookie = (long)(uintptr_t)attachments,
			.prog_prepare_load_fn = all_ops[i]->prepare_load);

		if (!all_ops[i]->prepare_load)
			continue;
		int handler = libbpf_register_prog_handler(
			attach_descs[i].section, all_ops[i]->program_type, 0, &options);

		if (handler < 0)
			return error_system(-handler, "libbpf");
	}
	return NULL;
}

struct error *attach_prepare(struct attachments *attachments, uint32_t link)
{
	enum attach_kind kind = attachments->traced->bundle.manifest.links.items[link].attach;
	const struct attach_ops *ops = attach_ops_of(kind);
	struct bpf_program *program = NULL;
	struct error *error = find_program(attachments, link, &program);

	if (error)
		return error;
	if (bpf_program__autoload(program) && bpf_program__type(program) != ops->program_type)
		return error_new(EINVAL, "the bundle uses program %s for links of two kinds",
			bpf_program__name(program));
	if (strcmp(bpf_program__section_name(program), attach_descs[kind].section) != 0)
		return error_new(EINVAL, "program %s of the bundle is not in section %s",
			bpf_program__name(program), attach_descs[kind].section);
	bpf_program__set_autoload(program, true);
	bpf_program__set_type(program, ops->program_type);
	bpf_program__set_expected_attach_type(program, 0);
	return ops->prepare ? ops->prepare(attachments, link, program) : NULL;
}

struct error *attach_explain_load(
	const struct attachments *attachments, const char *program, int number)
{
	const struct manifest *manifest = &attachments->traced->bundle.manifest;
	size_t found = manifest->links.count;

	for (size_t i = manifest->links.count; i-- > 0;) {
		const struct manifest_link *link = &manifest->links.items[i];

		if (attach_ops_of(link->attach)->explain_load &&
			(!program || strcmp(link->program, program) == 0))
			found = i;
	}
	if (found < manifest->links.count)
		return attach_ops_of(manifest->links.items[found].attach)
			->explain_load(attachments, (uint32_t)found, number);
	return program ? attach_explain_load(attachments, NULL, number) : NULL;
}

capability_set attach_needs(const struct attachments *attachments)
{
	const struct manifest_link *link;
	capability_set needs = 0;

	vec_for_each (&attachments->traced->bundle.manifest.links, link) {
		if (attach_ops_of(link->attach)->needs)
			needs |= attach_ops_of(link->attach)->needs(attachments);
	}
	return needs;
}

uint64_t attach_missed_returns(const struct attachments *attachments)
{
	size_t links = attachments->items ? attachments->traced->bundle.manifest.links.count : 0;
	uint64_t sum = 0;

	for (size_t i = 0; i < links; i++) {
		const struct attachment *attachment = attachments->items[i];

		if (!attachment || !attachment->ops->count_missed)
			continue;
		if (attachment->missed_fd >= 0)
			sum += kprobe_missed_count(attachment->missed_fd);
		for (size_t j = 0; j < attachment->count; j++)
			sum += attachment->ops->count_missed(attachment->fds[j]);
	}
	return sum;
}

static struct error *attach_link(struct attachments *attachments, uint32_t link)
{
	struct bpf_program *program = NULL;
	struct attachment attachment = {.missed_fd = -1, .walk_fd = -1};
	const struct manifest_probe *probe;
	struct error *error = find_program(attachments, link, &program);

	if (error)
		return error;
	attachment.ops =
		attach_ops_of(attachments->traced->bundle.manifest.links.items[link].attach);
	if (log_settings.verbose) {
		attach_for_each_probe (attachments, link, probe)
			log_verbose("Attaching %s", probe->name);
	}
	error = attachment.ops->attach(attachments, link, program, &attachment);
	if (error) {
		attachment_deinit(&attachment);
		return error;
	}
	attachments->items[link] =
		arena_memdup(&attachments->traced->arena, &attachment, sizeof(attachment));
	return NULL;
}

bool attach_has_kind(const struct attachments *attachments, enum attach_kind kind)
{
	const struct manifest_link *link;

	vec_for_each (&attachments->traced->bundle.manifest.links, link) {
		if (link->attach == kind)
			return true;
	}
	return false;
}

struct error *attach_kind(struct attachments *attachments, enum attach_kind kind)
{
	const struct manifest *manifest = &attachments->traced->bundle.manifest;

	for (uint32_t i = 0; i < manifest->links.count; i++) {
		if (manifest->links.items[i].attach != kind)
			continue;
		struct error *error = attach_link(attachments, i);

		if (error)
			return error;
	}
	return NULL;
}

bool attach_overrides(const struct attachments *attachments, uint32_t link)
{
	struct bpf_program *program = NULL;
	_cleanup_error_ struct error *error = find_program(attachments, link, &program);
	const struct bpf_insn *code = error ? NULL : bpf_program__insns(program);

	for (size_t i = 0; code && i < bpf_program__insn_cnt(program); i++) {
		if (code[i].code == (BPF_JMP | BPF_CALL) && code[i].src_reg == 0 &&
			code[i].imm == BPF_FUNC_override_return)
			return true;
	}
	return false;
}

bool attach_last_first(struct attachments *attachments _unused_, uint32_t link _unused_)
{
	return true;
}

/* The links in the order in which they are attached: of the probes of one function the kernel runs
 * the last one first, and none after one that overrides it. */
enum turn {
	TURN_OVERRIDES,
	TURN_FORWARD,
	TURN_BACKWARD,
	NR_TURNS,
};

static enum turn turn_of(struct attachments *attachments, uint32_t link)
{
	const struct attach_ops *ops =
		attach_ops_of(attachments->traced->bundle.manifest.links.items[link].attach);

	if (attach_overrides(attachments, link))
		return TURN_OVERRIDES;
	return ops->runs_last_first && ops->runs_last_first(attachments, link) ? TURN_BACKWARD
									       : TURN_FORWARD;
}

static struct error *attach_turn(
	struct attachments *attachments, enum turn turn, const enum turn *turns, uint64_t *done)
{
	const struct manifest *manifest = &attachments->traced->bundle.manifest;
	size_t count = manifest->links.count;
	struct error *error = NULL;

	for (size_t i = 0; i < count && !error && !waiter_interrupted(attachments->waiter); i++) {
		uint32_t link = (uint32_t)(turn == TURN_FORWARD ? i : count - 1 - i);
		enum attach_kind kind = manifest->links.items[link].attach;

		if (attach_has(kind, RUNS_ONCE | RUNS_ON_SIGNAL) || turns[link] != turn)
			continue;
		progress_step((*done)++);
		error = attach_link(attachments, link);
	}
	return error;
}

struct error *attach_all(struct attachments *attachments)
{
	size_t count = attachments->traced->bundle.manifest.links.count;
	_cleanup_free_ enum turn *turns = xcalloc(count + 1, sizeof(*turns));
	struct error *error = NULL;
	uint64_t done = 0;

	for (uint32_t i = 0; i < count; i++)
		turns[i] = turn_of(attachments, i);
	progress_begin("attaching", count > 1 ? count : 0);
	for (enum turn turn = 0; turn < NR_TURNS && !error; turn++)
		error = attach_turn(attachments, turn, turns, &done);
	progress_end();
	if (error) {
		progress_begin("detaching", 0);
		detach(attachments);
		progress_end();
	}
	return error;
}
