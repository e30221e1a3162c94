/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading by libbpf. The types of programs come from the manifest's links and not from the names of
 * their sections, and nothing is attached by libbpf. The verifier is asked for its verdict only,
 * which costs nothing; when it refuses a program, loading is tried once more with the log of its
 * walk through the instructions, which names the script's line. With -v it is asked for that at
 * once.
 */
#include "load.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>

#include "attach/attach.h"
#include "fill.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "mapsize.h"
#include "verifier.h"

/* Levels of the verifier's log (BPF_LOG_LEVEL1 … of the kernel). */
enum {
	LEVEL_NONE = 0,
	LEVEL_WALK = 1,    /* the way to the refusal */
	LEVEL_ALL = 2,     /* each instruction */
	LEVEL_VERDICT = 4, /* verdict and statistics */
};

/* In bytes. */
enum {
	LOG_LEAST = 128, /* the kernel takes no shorter buffer */
	LOG_VERDICT = 65536,
	LOG_TYPES = 4096,
};

/* What libbpf complained about: its print function has no argument of ours. */
static struct str complaints;

static int print(enum libbpf_print_level level, const char *format, va_list args) _printf_(2, 0);

static int print(enum libbpf_print_level level, const char *format, va_list args)
{
	if (log_settings.verbose > 1)
		return vfprintf(stderr, format, args);
	if (level == LIBBPF_WARN)
		str_vprintf(&complaints, format, args);
	return 0;
}

/* The first line of what libbpf said, without its own name; later ones only follow from it. */
static const char *first_complaint(void)
{
	static const char prefix[] = "libbpf: ";
	const char *text = str_text(&complaints);

	str_truncate(&complaints, strcspn(text, "\n"));
	return strncmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix) : text;
}

static struct error *open_object(struct session *session)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "bpftrace");

	/* What the kernel says about types it refuses. */
	options.kernel_log_buf = arena_alloc(&session->arena, LOG_TYPES);
	options.kernel_log_size = LOG_TYPES;
	session->object =
		bpf_object__open_mem(session->bundle.data, session->bundle.size, &options);
	if (!session->object)
		return error_system(errno, "cannot open the bundle: %s", first_complaint());
	return NULL;
}

/* Programs that no link names are not loaded. */
static struct error *prepare_programs(struct session *session)
{
	const struct manifest *manifest = &session->bundle.manifest;
	struct bpf_program *program;

	bpf_object__for_each_program (program, session->object)
		bpf_program__set_autoload(program, false);
	for (uint32_t i = 0; i < manifest->links.count; i++) {
		struct error *error = attach_prepare(session, i);

		if (error)
			return error;
	}
	return NULL;
}

/* --- open files --- */

/* The standard ones, the host's, the types and those of the loop that waits for events. */
enum { FILES_ASIDE = 8 };

static rlim_t file_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static struct error *too_many_files(void)
{
	return error_new(EMFILE,
		"the script needs more than the %ju open files that are allowed; raise the limit "
		"(ulimit -n)",
		(uintmax_t)file_limit());
}

/* Each map and each program takes a descriptor. Out of them, libbpf takes the kernel for one that
 * lacks features. */
static struct error *check_file_limit(const struct session *session)
{
	size_t files = FILES_ASIDE;
	struct bpf_program *program;
	struct bpf_map *map;

	bpf_object__for_each_map (map, session->object)
		files++;
	bpf_object__for_each_program (program, session->object)
		files += bpf_program__autoload(program);
	return files > file_limit() ? too_many_files() : NULL;
}

/* --- logs --- */

/* Untouched pages of the buffers cost nothing. */
static void make_logs(struct session *session, uint32_t level, size_t size)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, session->object) {
		if (!bpf_program__autoload(program))
			continue;
		bpf_program__set_log_buf(program, size ? xcalloc(1, size) : NULL, size);
		bpf_program__set_log_level(program, level);
	}
}

static void free_logs(struct session *session)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, session->object) {
		size_t size;
		const char *log = bpf_program__log_buf(program, &size);

		free((void *)(uintptr_t)log);
	}
}

static void show_logs(struct session *session)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, session->object) {
		size_t size;
		const char *log = bpf_program__log_buf(program, &size);

		if (log)
			log_verbose("Program %s\n\nThe verifier log:\n%s",
				bpf_program__name(program), log);
	}
}

/* The program at which loading stopped: the last one in whose log something was written. */
static const struct bpf_program *last_program(const struct session *session)
{
	struct bpf_program *program;
	const struct bpf_program *last = NULL;

	bpf_object__for_each_program (program, session->object) {
		size_t size;
		const char *log = bpf_program__log_buf(program, &size);

		if (log && *log)
			last = program;
	}
	return last;
}

/* --- attempts --- */

struct attempt {
	uint32_t level;
	size_t log_size;
	int result;    /* libbpf's: 0 or a negative errno value */
	char *program; /* that was refused, NULL: none; owned */
	char *log;     /* its; owned */
};

static void attempt_deinit(struct attempt *attempt)
{
	free(attempt->program);
	free(attempt->log);
}

static void note_refused(const struct session *session, struct attempt *attempt)
{
	const struct bpf_program *program = last_program(session);
	size_t size;

	attempt->log = xstrdup(program ? bpf_program__log_buf(program, &size) : "");
	if (program)
		attempt->program = xstrdup(bpf_program__name(program));
}

static struct error *try_to_load(struct session *session, struct attempt *attempt)
{
	bpf_object__close(TAKE(session->object));
	struct error *error = open_object(session);

	if (!error)
		error = prepare_programs(session);
	if (!error)
		error = check_file_limit(session);
	if (!error)
		error = fill_sizes(session);
	if (!error)
		error = mapsize_check(session);
	if (error)
		return error;
	make_logs(session, attempt->level, attempt->log_size);
	attempt->result = bpf_object__load(session->object);
	if (log_settings.verbose && attempt->level != LEVEL_VERDICT)
		show_logs(session);
	note_refused(session, attempt);
	free_logs(session);
	return NULL;
}

static struct error *explain(struct session *session, const struct attempt *attempt)
{
	_cleanup_str_ struct str text = STR_INIT;
	const char *unavailable = *attempt->log ? NULL : attach_unavailable(session);

	if (unavailable)
		return error_system(-attempt->result, "%s", unavailable);
	if (attempt->result == -EMFILE)
		return too_many_files();
	if (attempt->result == -EPERM)
		return error_new(EPERM,
			"the kernel does not allow loading BPF programs or maps here: %s",
			first_complaint());
	if (verifier_explain(attempt->log, attempt->program, &session->bundle.manifest, &text)) {
		fputs(str_text(&text), stderr);
		str_truncate(&text, 0);
		if (verifier_denies_reading(attempt->log) &&
			obstacle_find(session->host, OBSTACLE_MEMORY, EPERM, &text))
			return error_new(EPERM, "cannot read memory: %s", str_text(&text));
		return error_new(ECANCELED, "the verifier refused the script");
	}
	struct error *error = mapsize_explain(session, -attempt->result);

	return error ? error
		     : error_system(-attempt->result, "cannot load the script into the kernel: %s",
			       first_complaint());
}

/* Explains a verdict, by the walk to it if there is one to be had. */
static struct error *refused(struct session *session, const struct attempt *verdict)
{
	_cleanup_(attempt_deinit) struct attempt walk = {
		.level = LEVEL_WALK,
		.log_size = MAX(session->bundle.manifest.settings.log_size, LOG_VERDICT),
	};

	if (!*verdict->log || verifier_gave_up(verdict->log))
		return explain(session, verdict);
	struct error *error = try_to_load(session, &walk);

	if (error)
		return error;
	return explain(session, verifier_is_complete(walk.log) ? &walk : verdict);
}

/* -v: with the whole log; when that does not fit, it may be that nothing else is wrong. */
static struct error *load_aloud(struct session *session, bool *ret_loaded)
{
	size_t log_size = session->bundle.manifest.settings.log_size;
	_cleanup_(attempt_deinit) struct attempt attempt = {
		.level = log_settings.verbose > 1 ? LEVEL_ALL : LEVEL_WALK,
		.log_size = MAX(log_size, LOG_LEAST),
	};
	struct error *error = try_to_load(session, &attempt);

	if (error)
		return error;
	if (attempt.result == -ENOSPC)
		log_warning("the verifier's log does not fit in %zu bytes; raise log_size "
			    "(BPFTRACE_LOG_SIZE)",
			log_size);
	else if (attempt.result != 0)
		return explain(session, &attempt);
	*ret_loaded = attempt.result == 0;
	return NULL;
}

/* A verdict may not fit, since the kernel also counts what it wrote and took back: the program is
 * then loaded without one. */
static struct error *load(struct session *session)
{
	_cleanup_(attempt_deinit) struct attempt attempt = {
		.level = LEVEL_VERDICT, .log_size = LOG_VERDICT};
	_cleanup_(attempt_deinit) struct attempt silent = {.level = LEVEL_NONE};
	struct error *error = try_to_load(session, &attempt);

	if (!error && attempt.result == -ENOSPC)
		error = try_to_load(session, &silent);
	else
		silent.result = attempt.result;
	if (error || silent.result == 0)
		return error;
	return refused(session, &attempt);
}

struct error *load_bundle(struct session *session)
{
	bool loaded = false;
	struct error *error;

	libbpf_set_print(print);
	raise_file_limit();
	error = attach_register(session);
	if (!error && log_settings.verbose)
		error = load_aloud(session, &loaded);
	if (!error && !loaded)
		error = load(session);

	/* libbpf would go on without types. */
	if (!error && bpf_object__btf_fd(session->object) < 0)
		error = error_new(EINVAL,
			"the kernel refused the types of the bundle, which is a defect of "
			"bpftrace: %s",
			first_complaint());
	if (!error)
		mapsize_report(session);
	return error ? error : fill_state(session);
}
