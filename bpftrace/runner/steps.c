/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run is the table `steps` below. Each row says what privileges its step needs; before each step
 * the driver drops, for good, what neither it nor a later one needs, and from the first confined
 * step on only the system calls of the runner's list are left. Whether reading maps needs a
 * capability depends on the kernel and its settings (NEEDS_MAPS): that is found out by trying.
 */
#include "steps.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "attach/attach.h"
#include "child.h"
#include "executor.h"
#include "fill.h"
#include "libcommon/base/log.h"
#include "libcommon/confine/confine.h"
#include "libcommon/host/cgroup.h"
#include "libcommon/host/tracefs.h"
#include "load.h"
#include "options.h"
#include "quiesce.h"
#include "report.h"
#include "run.h"
#include "show/show.h"
#include "translate.h"
#include "users.h"
#include "walk.h"

#define NEEDS_ALL   (~(capability_set)0)
#define NEEDS_MAPS  CAPABILITY(63)
#define NEEDS_LINKS CAPABILITY(62)
#define NEEDS_FILES CAPABILITY(61)
#define NEEDS_READS CAPABILITY(60)
#define NEEDS_BPF   (CAPABILITY(CAP_BPF) | CAPABILITY(CAP_PERFMON))

/* cat() reads what root may read, also what is told about processes of others. */
#define NEEDS_CAT (CAPABILITY(CAP_DAC_READ_SEARCH) | CAPABILITY(CAP_SYS_PTRACE))

/* Locked memory is limited before Linux 5.11; tracefs is closed to others than root. */
#define NEEDS_LOAD   (NEEDS_BPF | CAPABILITY(CAP_SYS_RESOURCE))
#define NEEDS_ATTACH (NEEDS_BPF | CAPABILITY(CAP_DAC_READ_SEARCH) | NEEDS_LINKS)

/* What links may turn out to need. */
#define NEEDS_ANY_LINK (CAPABILITY(CAP_SYS_ADMIN) | CAPABILITY(CAP_SYSLOG))

struct step {
	capability_set needs;
	bool confined;
	enum progress until; /* skipped when the run has come further than this */
	struct error *(*run)(struct session *session);
};

static struct error *check_privileges(void)
{
	capability_set missing = NEEDS_BPF & ~privilege_effective();
	_cleanup_str_ struct str names = STR_INIT;

	if (!missing || (privilege_effective() & CAPABILITY(CAP_SYS_ADMIN)))
		return NULL;
	privilege_names(missing, &names);
	return error_new(EPERM,
		"tracing needs root or the missing privileges (%s); try it with sudo",
		str_text(&names));
}

/* All that needs the user's own privileges, done while the compiler gets ready. */
static struct error *start(struct session *session)
{
	const struct options *options = session->options;
	struct error *error = NULL;

	if (!translate_only(options))
		error = check_privileges();
	if (!error)
		error = translate_start(session);
	if (!error && !translate_only(options) && options->unsafe)
		error = executor_start(session);
	if (!error && !translate_only(options))
		error = child_start(session);
	if (!error)
		error = translate_ask(session);
	if (!error && !translate_only(options))
		error = output_open(
			options->format, options->output, options->buffering, &session->output);
	return error;
}

static bool prints(const struct session *session, enum named named)
{
	return btf__find_by_name_kind(
		       types_btf(session->bundle.types), named_name(named), BTF_KIND_TYPEDEF) > 0;
}

/* The kernel enables the event of trace_printk for programs that have it, but some kernels do so
 * some time later, and lines until then are lost. Who has no tracefs reads none. */
static void enable_lines(const struct session *session)
{
	error_free(tracefs_enable(session->host, "bpf_trace", "bpf_trace_printk"));
}

static struct error *load(struct session *session)
{
	struct error *error = load_bundle(session);

	if (!error && session->bundle.manifest.settings.debug_output)
		enable_lines(session);
	if (!manifest_has_action(&session->bundle.manifest, ACTION_SYSTEM))
		servant_stop(&session->executor);

	if (!error && prints(session, NAMED_CGROUP_PATH))
		error = cgroup_tree_open(session->host, &session->cgroups);
	if (!error && prints(session, NAMED_USERNAME))
		error = users_start(session);
	if (error)
		return error;
	session->attachments = arena_array(
		&session->arena, struct attachment *, session->bundle.manifest.links.count);
	return run_open(session, &session->run);
}

/* As users count them. */
static size_t count_probes(const struct manifest *manifest)
{
	const struct manifest_probe *probe;
	size_t count = 0;

	vec_for_each (&manifest->probes, probe)
		count += !probe->is_further;
	return count;
}

static struct error *begin(struct session *session)
{
	size_t probes = count_probes(&session->bundle.manifest);

	log_notice("Attaching %zu probe%s...", probes, probes == 1 ? "" : "s");
	session->output->ops->attached(session->output, probes);
	fill_start(session);
	struct error *error = attach_kind(session, ATTACH_BEGIN);

	if (!error && run_drain(session->run))
		session->progress = PROGRESS_ENDED;
	return error;
}

static struct error *attach(struct session *session)
{
	struct error *error = attach_all(session);

	if (error)
		return error;
	if (getenv("__BPFTRACE_NOTIFY_PROBES_ATTACHED"))
		fputs("__BPFTRACE_NOTIFY_PROBES_ATTACHED\n", stderr);
	if (session->options->dry_run)
		session->progress = PROGRESS_FINISHED;
	if (session->progress == PROGRESS_FINISHED) {
		child_end(session);
		output_flush(session->output);
	}
	return NULL;
}

/* BEGIN and END alone: nothing will ever happen that is worth waiting for. */
static bool has_events(const struct session *session)
{
	const struct manifest_link *link;

	vec_for_each (&session->bundle.manifest.links, link) {
		if (link->attach != ATTACH_BEGIN && link->attach != ATTACH_END)
			return true;
	}
	return session->child_pidfd >= 0;
}

static struct error *run(struct session *session)
{
	child_release(session);
	if (walk_wanted(session))
		return walk_all(session);
	if (has_events(session))
		run_loop(session->run);
	else
		session->progress = PROGRESS_ENDED;
	return NULL;
}

/* END does not look at the flag that stops all others. */
static struct error *end(struct session *session)
{
	session->state->stopped = 1;
	if (session->progress == PROGRESS_TRACING &&
		(session->data_ring_fd >= 0 || session->captures))
		quiesce();
	child_end(session);
	struct error *error = attach_kind(session, ATTACH_END);

	if (error)
		return error;
	run_drain(session->run);
	show_maps(session);
	run_report(session->run);
	report_losses(session);
	servant_stop(&session->names);
	servant_stop(&session->executor);
	show_finish(session);
	return NULL;
}

static const struct step steps[] = {
	{.needs = NEEDS_ALL, .run = start},
	{.run = translate_finish},
	{.needs = NEEDS_LOAD | NEEDS_FILES, .run = load},
	{.needs = NEEDS_MAPS | NEEDS_READS, .run = begin},
	{.needs = NEEDS_ATTACH, .run = attach},
	{.needs = NEEDS_MAPS | NEEDS_READS, .confined = true, .run = run},
	{.needs = NEEDS_MAPS | NEEDS_READS, .confined = true, .until = PROGRESS_ENDED, .run = end},
};

/* --- what may go --- */

/* Descriptor -1: a kernel that minds complains about the privilege first. */
static bool maps_work(void *context _unused_)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	uint32_t key = 0;

	return bpf_map_get_next_key(-1, NULL, &key) != -EPERM &&
	       bpf_prog_test_run_opts(-1, &options) != -EPERM;
}

/* The one capability without which maps cannot be read. */
static capability_set needs_of_maps(void)
{
	static const capability_set candidates[] = {
		0,
		CAPABILITY(CAP_BPF),
		CAPABILITY(CAP_SYS_ADMIN),
	};

	for (size_t i = 0; i < ARRAY_SIZE(candidates); i++) {
		if (privilege_try(candidates[i], maps_work, NULL))
			return candidates[i];
	}
	return 0;
}

/* Files that the script names are created wherever the user may; which, the bundle tells. */
static bool may_write_files(const struct session *session)
{
	return !session->bundle.types ||
	       manifest_has_action(&session->bundle.manifest, ACTION_SKBOUTPUT);
}

/* Not known before there is a bundle. */
static bool may_read_files(const struct session *session)
{
	return !session->bundle.types || manifest_has_action(&session->bundle.manifest, ACTION_CAT);
}

/* What the steps from here on need. */
static capability_set needs_from(const struct step *step, const struct session *session)
{
	capability_set needs = 0;

	for (; step < steps + ARRAY_SIZE(steps); step++)
		needs |= step->needs;
	if (needs & NEEDS_MAPS)
		needs |= needs_of_maps();
	if (needs & NEEDS_LINKS)
		needs |= session->object ? attach_needs(session) : NEEDS_ANY_LINK;
	if (needs & NEEDS_FILES && may_write_files(session))
		needs |= CAPABILITY(CAP_DAC_OVERRIDE);
	if (needs & NEEDS_READS && may_read_files(session))
		needs |= NEEDS_CAT;
	needs &= ~(NEEDS_MAPS | NEEDS_LINKS | NEEDS_FILES | NEEDS_READS);

	/* What lacks the finer capabilities was let in for the one that holds them all. */
	if (needs & NEEDS_BPF & ~privilege_effective())
		needs |= CAPABILITY(CAP_SYS_ADMIN);
	return needs;
}

static void tell_kept(capability_set kept)
{
	_cleanup_str_ struct str names = STR_INIT;

	privilege_names(kept, &names);
	log_verbose("Privileges kept while tracing: %s%s%s", str_text(&names),
		kept & NEEDS_CAT ? " (for the files of cat)" : "",
		kept & ~NEEDS_CAT ? " (this kernel wants it for reading maps)" : "");
}

/* What is left of privileges and system calls. */
struct confinement {
	capability_set kept;
	bool confined;
};

static unsigned sandbox_extras(const struct session *session)
{
	return (session->cgroups ? SANDBOX_DIRECTORIES : 0) |
	       (may_read_files(session) ? SANDBOX_FILES : 0);
}

static struct error *shrink(
	const struct step *step, struct session *session, struct confinement *now)
{
	if (step->needs == NEEDS_ALL || now->confined)
		return NULL;
	capability_set needs = needs_from(step, session);

	if (needs != now->kept) {
		struct error *error = privilege_keep(needs);

		if (error)
			return error;
		now->kept = needs;
	}
	if (!step->confined)
		return NULL;
	tell_kept(privilege_effective());
	now->confined = true;
	return sandbox_install(SANDBOX_RUNNER, sandbox_extras(session));
}

struct error *steps_run(struct session *session)
{
	struct confinement now = {.kept = NEEDS_ALL};

	for (const struct step *step = steps; step < steps + ARRAY_SIZE(steps); step++) {
		if (session->progress > step->until)
			continue;
		struct error *error = shrink(step, session, &now);

		if (!error)
			error = step->run(session);
		if (error)
			return error;
	}
	return NULL;
}
