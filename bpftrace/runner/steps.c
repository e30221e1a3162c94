/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run is the table `steps` below. Each row has the privileges that its step needs; before each
 * step the driver permanently drops what neither it nor a later one needs, and from the first
 * confined step on only the system calls of the runner's list are permitted. Whether reading maps
 * needs a capability depends on the kernel and its settings (needs.maps): that is found out by
 * trying.
 */
#include "steps.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <unistd.h>

#include "attach/attach.h"
#include "data/quiesce.h"
#include "libcommon/base/log.h"
#include "libcommon/confine/confine.h"
#include "libcommon/host/procfs.h"
#include "libcommon/host/tracefs.h"
#include "load/fill.h"
#include "load/load.h"
#include "loop/run.h"
#include "loop/signals.h"
#include "loop/walk.h"
#include "name_sources.h"
#include "names/names.h"
#include "notify.h"
#include "options.h"
#include "process/children.h"
#include "process/executor.h"
#include "process/progress.h"
#include "release.h"
#include "report.h"
#include "session_loop.h"
#include "show/show.h"
#include "translate.h"

/* What loading and attaching take in any case. */
#define CAPABILITIES_BPF (CAPABILITY(CAP_BPF) | CAPABILITY(CAP_PERFMON))

/* Locked memory is limited before Linux 5.11; the helper that follows mappings has a priority. */
#define CAPABILITIES_LOAD                                                                          \
	(CAPABILITIES_BPF | CAPABILITY(CAP_SYS_RESOURCE) | CAPABILITY(CAP_SYS_NICE))

/* Tracefs is closed to others than root; helper processes, and in the end this one, become those of
 * another user. */
#define CAPABILITIES_ATTACH                                                                        \
	(CAPABILITIES_BPF | CAPABILITY(CAP_DAC_READ_SEARCH) | CAPABILITY(CAP_SETUID) |             \
		CAPABILITY(CAP_SETGID))

/* cat() reads what root may read, also in /proc of other users' processes. */
#define CAPABILITIES_CAT (CAPABILITY(CAP_DAC_READ_SEARCH) | CAPABILITY(CAP_SYS_PTRACE))

/* What links may turn out to need. */
#define CAPABILITIES_OF_LINKS                                                                      \
	(CAPABILITY(CAP_SYS_ADMIN) | CAPABILITY(CAP_SYSLOG) | CAPABILITY(CAP_KILL) |               \
		PRIVILEGES_OF_FILES)

/* The privileges of a step: a fixed set, and what depends on kernel and script. */
struct needs {
	capability_set caps;
	bool all;   /* whatever the user has */
	bool maps;  /* reading and changing maps */
	bool links; /* attaching the script's links */
	bool files; /* creating files that the script names */
	bool reads; /* reading files that the script names */
};

struct step {
	struct needs needs;
	bool confined;
	enum progress until; /* skipped when the run has come further than this */
	struct error *(*run)(struct session *session);
};

static struct error *check_privileges(void)
{
	capability_set missing = CAPABILITIES_BPF & ~privilege_effective();
	_cleanup_str_ struct str names = STR_INIT;

	if (!missing || (privilege_effective() & CAPABILITY(CAP_SYS_ADMIN)))
		return NULL;
	privilege_names(missing, &names);
	return error_new(EPERM,
		"tracing needs root or the missing privileges (%s); try it with sudo",
		str_text(&names));
}

static struct error *start_tracee(struct session *session)
{
	const struct options *options = session->options;

	if (options->child)
		return tracee_start(options->child, &session->host, &session->traced.arena,
			&session->request.program, &session->tracee);
	return options->pid ? tracee_open(options->pid, &session->host, &session->tracee) : NULL;
}

/* All that needs the user's own privileges, done while the compiler gets ready. */
static struct error *start(struct session *session)
{
	const struct options *options = session->options;
	struct error *error = procfs_check_mounts(&session->host);

	children_take_signals();
	/* Helper processes become the same user as the runner. */
	(void)privilege_own_user();
	if (!error && !translate_only(options))
		error = check_privileges();
	if (!error && !log_settings.quiet && !log_settings.verbose)
		progress_start();
	if (!error)
		error = translate_start(session);
	if (!error && !translate_only(options) && options->unsafe)
		error = executor_start(&session->actions.executor);
	if (!error && !translate_only(options))
		error = start_tracee(session);
	if (!error)
		error = translate_ask(session);
	if (!error && !translate_only(options))
		error = output_open(
			options->format, options->output, options->buffering, &session->output);
	if (session->output) {
		session->output->reader.bundle = &session->traced.bundle;
		session->output->reader.names = session->names;
		session->output->escapes &= !options->show_control_chars;
	}
	return error;
}

/* The kernel enables the event of trace_printk for programs that use it, but some kernels do so
 * with a delay, and lines until then are lost. Without tracefs no lines can be read. */
static void enable_lines(const struct session *session)
{
	error_free(tracefs_enable(&session->host, "bpf_trace", "bpf_trace_printk"));
}

static struct error *load(struct session *session)
{
	progress_begin("loading", 0);
	struct error *error = load_bundle(&session->attachments, &session->request);

	progress_end();

	if (!error && session->traced.bundle.manifest.settings.debug_output)
		enable_lines(session);
	if (!manifest_has_action(&session->traced.bundle.manifest, ACTION_SYSTEM))
		helper_stop(&session->actions.executor);

	if (!error)
		error = name_sources_open(session);
	if (error)
		return error;
	attachments_open(&session->attachments);
	session->actions.output = session->output;
	return session_loop_open(session);
}

/* A probe at several places counts once. */
static size_t count_probes(const struct manifest *manifest)
{
	const struct manifest_probe *probe;
	size_t count = 0;

	vec_for_each (&manifest->probes, probe)
		count += !probe->is_extra_location;
	return count;
}

/* Before probes are attached in the way of 0.20, after that for newer scripts. */
static void announce(const struct session *session, bool is_attached)
{
	const struct manifest *manifest = &session->traced.bundle.manifest;
	size_t probes = count_probes(manifest);

	if (is_attached == manifest->is_newer)
		log_notice("%s %zu probe%s%s", is_attached ? "Attached" : "Attaching", probes,
			probes == 1 ? "" : "s", is_attached ? "" : "...");
}

static struct error *begin(struct session *session)
{
	size_t probes = count_probes(&session->traced.bundle.manifest);
	struct error *error = output_empty(session->output);

	if (error)
		return error;
	show_prepare(session->output, &session->traced);
	announce(session, false);
	if (!log_settings.quiet)
		session->output->ops->attached(session->output, probes);
	fill_start(&session->traced);
	if (session->options->dry_run) {
		session->traced.state->stopped = 1;
		return NULL;
	}
	error = attach_kind(&session->attachments, ATTACH_BEGIN);
	if (!error && run_drain(session->run)) {
		session->progress = PROGRESS_ENDED;
		announce(session, true);
	}
	return error;
}

static struct error *attach(struct session *session)
{
	signals_hold(true);
	struct error *error = attach_all(&session->attachments);

	signals_hold(false);
	if (error)
		return error;
	release_prepare(&session->attachments);
	announce(session, true);
	if (getenv("__BPFTRACE_NOTIFY_PROBES_ATTACHED"))
		fputs("__BPFTRACE_NOTIFY_PROBES_ATTACHED\n", stderr);
	if (session->options->dry_run || session->attachments.is_pinned)
		session->progress = PROGRESS_FINISHED;
	if (session->progress == PROGRESS_FINISHED) {
		tracee_end(&session->tracee);
		output_flush(session->output);
	} else {
		notify_ready();
	}
	return NULL;
}

/* False with BEGIN and END alone: then the event loop is not entered. */
static bool has_events(const struct session *session)
{
	const struct manifest_link *link;

	vec_for_each (&session->traced.bundle.manifest.links, link) {
		if (!attach_has(link->attach, RUNS_ONCE))
			return true;
	}
	return session->tracee.pidfd >= 0;
}

/* The file of a link's iterator; -1: it has none. */
static int walk_fd(const struct session *session, size_t link)
{
	const struct attachment *attachment = session->attachments.items[link];

	return attachment ? attachment->walk_fd : -1;
}

static bool has_walks(const struct session *session)
{
	for (size_t i = 0; i < session->traced.bundle.manifest.links.count; i++) {
		if (walk_fd(session, i) >= 0)
			return true;
	}
	return false;
}

static struct error *walk_all(struct session *session)
{
	struct error *error = NULL;

	for (size_t i = 0; i < session->traced.bundle.manifest.links.count && !error; i++) {
		if (walk_fd(session, i) >= 0)
			error = walk_read(session->run, walk_fd(session, i));
	}
	return error;
}

static struct error *run(struct session *session)
{
	tracee_release(&session->tracee);
	if (has_walks(session))
		return walk_all(session);
	if (has_events(session))
		run_loop(session->run);
	else
		session->progress = PROGRESS_ENDED;
	return NULL;
}

/* END ignores the flag that stops all other programs. */
static struct error *end(struct session *session)
{
	session->traced.state->stopped = 1;
	if (session->progress == PROGRESS_TRACING &&
		(session->traced.data_ring_fd >= 0 || session->actions.captures))
		quiesce();
	tracee_end(&session->tracee);
	run_make_room(session->run);
	struct error *error = attach_kind(&session->attachments, ATTACH_END);

	if (error)
		return error;
	run_drain(session->run);
	if (session->traced.bundle.manifest.settings.print_maps_on_exit)
		show_maps(session->output, &session->traced);
	run_report(session->run);
	report_losses(session);
	session->exit_status = show_finish(session->output) ? session->actions.exit_status : 1;
	session_stop_helpers(session);
	return NULL;
}

static const struct step steps[] = {
	{.needs = {.all = true}, .run = start},
	{.needs = {.caps = PRIVILEGES_OF_FILES}, .run = translate_finish},
	{.needs = {.caps = CAPABILITIES_LOAD, .files = true}, .run = load},
	{.needs = {.maps = true, .reads = true}, .run = begin},
	{.needs = {.caps = CAPABILITIES_ATTACH, .links = true}, .run = attach},
	{.needs = {.maps = true, .reads = true}, .confined = true, .run = run},
	{.needs = {.maps = true, .reads = true},
		.confined = true,
		.until = PROGRESS_ENDED,
		.run = end},
};

/* --- what may go --- */

/* With descriptor -1: a kernel that requires a capability checks it before the descriptor. */
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

/* Files that the script names are created wherever the user may; the bundle lists them. Not known
 * before there is a bundle. */
static bool may_write_files(const struct session *session)
{
	return !session->traced.bundle.types ||
	       manifest_has_action(&session->traced.bundle.manifest, ACTION_SKBOUTPUT);
}

/* Not known before there is a bundle. */
static bool may_read_files(const struct session *session)
{
	return !session->traced.bundle.types ||
	       manifest_has_action(&session->traced.bundle.manifest, ACTION_CAT);
}

/* What the steps from here on need. */
static struct needs needs_from(const struct step *step)
{
	struct needs needs = {};

	for (; step < steps + ARRAY_SIZE(steps); step++) {
		needs.caps |= step->needs.caps;
		needs.maps |= step->needs.maps;
		needs.links |= step->needs.links;
		needs.files |= step->needs.files;
		needs.reads |= step->needs.reads;
	}
	return needs;
}

/* The capabilities that these are here and for this script. */
static capability_set resolve(const struct needs *needs, const struct session *session)
{
	capability_set caps = needs->caps;

	if (needs->maps)
		caps |= needs_of_maps();
	if (needs->links)
		caps |= session->traced.object ? attach_needs(&session->attachments)
					       : CAPABILITIES_OF_LINKS;
	if (needs->files && may_write_files(session))
		caps |= CAPABILITY(CAP_DAC_OVERRIDE);
	if (needs->reads && may_read_files(session))
		caps |= CAPABILITIES_CAT;

	/* A process without the finer capabilities passed check_privileges by CAP_SYS_ADMIN. */
	if (caps & CAPABILITIES_BPF & ~privilege_effective())
		caps |= CAPABILITY(CAP_SYS_ADMIN);
	return caps;
}

/* Files of cat() are those of the user. */
static void leave_user(const struct session *session)
{
	_cleanup_error_ struct error *error =
		may_read_files(session) ? NULL : privilege_leave_user();

	log_verbose("User while tracing: %u%s%s%s", (unsigned)getuid(),
		may_read_files(session) ? " (for the files of cat)" : "",
		error ? ", since it " : "", error ? error->message : "");
}

static void log_kept_capabilities(capability_set kept)
{
	_cleanup_str_ struct str names = STR_INIT;

	privilege_names(kept, &names);
	log_verbose("Privileges kept while tracing: %s%s%s", str_text(&names),
		kept & CAPABILITIES_CAT ? " (for the files of cat)" : "",
		kept & ~CAPABILITIES_CAT ? " (this kernel requires it for reading maps)" : "");
}

/* What is left of privileges and system calls. */
struct confinement {
	capability_set kept;
	bool confined;
};

static unsigned sandbox_extras(const struct session *session)
{
	return (names_has(session->names, NAME_CGROUP) ? SANDBOX_DIRECTORIES : 0) |
	       (may_read_files(session) ? SANDBOX_FILES : 0);
}

static struct error *shrink(
	const struct step *step, struct session *session, struct confinement *now)
{
	if (step->needs.all || now->confined)
		return NULL;

	const struct needs needs = needs_from(step);
	capability_set caps = resolve(&needs, session);

	if (step->confined)
		leave_user(session);
	if (caps != now->kept) {
		struct error *error = privilege_keep(caps);

		if (error)
			return error;
		now->kept = caps;
	}
	if (!step->confined)
		return NULL;
	log_kept_capabilities(privilege_effective());
	now->confined = true;
	return sandbox_install(SANDBOX_RUNNER, sandbox_extras(session));
}

struct error *steps_run(struct session *session)
{
	struct confinement now = {.kept = ~(capability_set)0};

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
