/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading by libbpf. The types of programs come from the manifest's links and not from the names of
 * their sections, and libbpf attaches nothing. The verifier logs its verdict only, which costs
 * nothing; when it refuses a program, loading is tried again with the log of its walk through the
 * instructions, which names the script's line. With -v that is the first attempt.
 */
#include "load.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>

#include "bpftrace/runner/attach/attach.h"
#include "fill.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "mapsize.h"
#include "stack_cache.h"
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
	PROGRAM_NAME = 64,
	LOG_LEAST = 128, /* the kernel takes no shorter buffer */
	LOG_VERDICT = 65536,
	LOG_TYPES = 4096,
};

/* libbpf's warnings; its print function has no context argument. */
static struct str warnings;

static int print(enum libbpf_print_level level, const char *format, va_list args) _printf_(2, 0);

static int print(enum libbpf_print_level level, const char *format, va_list args)
{
	if (log_settings.verbose > 1)
		return vfprintf(stderr, format, args);
	if (level == LIBBPF_WARN)
		str_vprintf(&warnings, format, args);
	return 0;
}

/* The first line that libbpf logged, without the prefix; later ones are consequences of it. */
static const char *first_warning(void)
{
	static const char prefix[] = "libbpf: ";
	const char *text = str_text(&warnings);

	str_truncate(&warnings, strcspn(text, "\n"));
	return strncmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix) : text;
}

struct loading {
	struct traced *traced;
	struct attachments *attachments;
	const struct settings *settings;
	uint64_t features; /* of the kernel */ /* of this run, not those of the bundle */
};

static struct error *open_object(const struct loading *loading)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "bpftrace");

	/* The kernel's log about types that it refuses. */
	options.kernel_log_buf = arena_alloc(&loading->traced->arena, LOG_TYPES);
	options.kernel_log_size = LOG_TYPES;
	loading->traced->object = bpf_object__open_mem(
		loading->traced->bundle.data, loading->traced->bundle.size, &options);
	if (!loading->traced->object && !warnings.length)
		return error_new(EINVAL, "cannot open the bundle: the file is damaged");
	if (!loading->traced->object)
		return error_system(errno, "cannot open the bundle: %s", first_warning());
	return NULL;
}

static struct error *prepare_programs(const struct loading *loading)
{
	const struct manifest *manifest = &loading->traced->bundle.manifest;
	struct bpf_program *program;

	bpf_object__for_each_program (program, loading->traced->object)
		bpf_program__set_autoload(program, false);
	for (uint32_t i = 0; i < manifest->links.count; i++) {
		struct error *error = attach_prepare(loading->attachments, i);

		if (error)
			return error;
	}
	bpf_object__for_each_program (program, loading->traced->object) {
		if (!bpf_program__autoload(program))
			return error_new(EINVAL, "program %s of the bundle is not in its manifest",
				bpf_program__name(program));
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

/* Each map and each program needs a descriptor. Without this check libbpf takes EMFILE for missing
 * features of the kernel. */
static struct error *check_file_limit(const struct bpf_object *object)
{
	size_t files = FILES_ASIDE;
	struct bpf_program *program;
	struct bpf_map *map;

	bpf_object__for_each_map (map, object)
		files++;
	bpf_object__for_each_program (program, object)
		files += bpf_program__autoload(program);
	return files > file_limit() ? too_many_files() : NULL;
}

/* --- logs --- */

/* Untouched pages of the buffers cost nothing. */
static void make_logs(struct bpf_object *object, uint32_t level, size_t size)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, object) {
		if (!bpf_program__autoload(program))
			continue;
		bpf_program__set_log_buf(program, size ? xcalloc(1, size) : NULL, size);
		bpf_program__set_log_level(program, level);
	}
}

static void free_logs(struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, object) {
		size_t size;
		const char *log = bpf_program__log_buf(program, &size);

		free((void *)(uintptr_t)log);
	}
}

static void show_logs(struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, object) {
		size_t size;
		const char *log = bpf_program__log_buf(program, &size);

		if (log)
			log_verbose("Program %s\n\nThe verifier log:\n%s",
				bpf_program__name(program), log);
	}
}

/* The program that libbpf's first warning names; NULL: none. */
static const struct bpf_program *warned_program(const struct bpf_object *object)
{
	const char *at = strstr(str_text(&warnings), "prog '");
	char name[PROGRAM_NAME];

	return at && sscanf(at, "prog '%63[^']", name) == 1
		       ? bpf_object__find_program_by_name(object, name)
		       : NULL;
}

/* The program at which loading stopped: the one that libbpf named, else the last one with a log. */
static const struct bpf_program *last_program(const struct bpf_object *object)
{
	struct bpf_program *program;
	const struct bpf_program *last = warned_program(object);

	if (last)
		return last;

	bpf_object__for_each_program (program, object) {
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

static void note_refused(const struct bpf_object *object, struct attempt *attempt)
{
	const struct bpf_program *program = last_program(object);
	size_t size;
	const char *log = program ? bpf_program__log_buf(program, &size) : NULL;

	attempt->log = xstrdup(log ? log : "");
	if (program)
		attempt->program = xstrdup(bpf_program__name(program));
}

static struct error *try_to_load(const struct loading *loading, struct attempt *attempt)
{
	bpf_object__close(TAKE(loading->traced->object));
	struct error *error = open_object(loading);

	if (!error)
		error = bundle_check_maps(
			&loading->traced->bundle.manifest, loading->traced->object);
	if (!error)
		error = prepare_programs(loading);
	if (!error)
		error = check_file_limit(loading->traced->object);
	if (!error)
		error = fill_object(loading->traced, loading->attachments->host, loading->features);
	if (!error)
		error = mapsize_check(loading->traced, loading->settings);
	if (error)
		return error;
	make_logs(loading->traced->object, attempt->level, attempt->log_size);
	attempt->result = bpf_object__load(loading->traced->object);
	if (log_settings.verbose && attempt->level != LEVEL_VERDICT)
		show_logs(loading->traced->object);
	note_refused(loading->traced->object, attempt);
	free_logs(loading->traced->object);
	return NULL;
}

static struct error *not_permitted(const struct loading *loading)
{
	_cleanup_str_ struct str text = STR_INIT;
	bool is_known = obstacle_find(loading->attachments->host, OBSTACLE_LOAD, EPERM, &text);

	return error_new(EPERM, "the kernel does not allow loading BPF programs or maps here: %s",
		is_known ? str_text(&text) : first_warning());
}

static struct error *explain(const struct loading *loading, const struct attempt *attempt)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct error *error = NULL;

	if (attempt->result == -EMFILE)
		return too_many_files();
	if (!*attempt->log)
		error = attach_explain_load(
			loading->attachments, attempt->program, -attempt->result);
	if (error)
		return error;
	if (attempt->result == -EPERM)
		return not_permitted(loading);
	if (verifier_explain(
		    attempt->log, attempt->program, &loading->traced->bundle.manifest, &text)) {
		fputs(str_text(&text), stderr);
		str_truncate(&text, 0);
		if (verifier_denies_reading(attempt->log) &&
			obstacle_find(loading->attachments->host, OBSTACLE_MEMORY, EPERM, &text))
			return error_new(EPERM, "cannot read memory: %s", str_text(&text));
		return error_new(ECANCELED, "the verifier refused the script");
	}
	error = mapsize_explain(loading->traced, -attempt->result);

	return error ? error
		     : error_system(-attempt->result, "cannot load the script into the kernel: %s",
			       first_warning());
}

/* Explains a verdict, by the log of the walk to it where that can be had. */
static struct error *refused(const struct loading *loading, const struct attempt *verdict)
{
	_cleanup_(attempt_deinit) struct attempt walk = {
		.level = LEVEL_WALK,
		.log_size = MAX(loading->traced->bundle.manifest.settings.log_size, LOG_VERDICT),
	};

	if (!*verdict->log || verifier_gave_up(verdict->log))
		return explain(loading, verdict);
	struct error *error = try_to_load(loading, &walk);

	if (error)
		return error;
	return explain(loading, verifier_is_complete(walk.log) ? &walk : verdict);
}

/* -v: with the whole log. *ret_loaded stays false if only the log did not fit. */
static struct error *load_verbose(const struct loading *loading, bool *ret_loaded)
{
	size_t log_size = loading->traced->bundle.manifest.settings.log_size;
	_cleanup_(attempt_deinit) struct attempt attempt = {
		.level = log_settings.verbose > 1 ? LEVEL_ALL : LEVEL_WALK,
		.log_size = MAX(log_size, LOG_LEAST),
	};
	struct error *error = try_to_load(loading, &attempt);

	if (error)
		return error;
	if (attempt.result == -ENOSPC)
		log_warning("the verifier's log does not fit in %zu bytes; raise log_size "
			    "(BPFTRACE_LOG_SIZE)",
			log_size);
	else if (attempt.result != 0)
		return explain(loading, &attempt);
	*ret_loaded = attempt.result == 0;
	return NULL;
}

/* Even a verdict may not fit, since the kernel counts all that it has ever written to the log: then
 * the program is loaded without one. */
static struct error *load(const struct loading *loading)
{
	_cleanup_(attempt_deinit) struct attempt attempt = {
		.level = LEVEL_VERDICT, .log_size = LOG_VERDICT};
	_cleanup_(attempt_deinit) struct attempt silent = {.level = LEVEL_NONE};
	struct error *error = try_to_load(loading, &attempt);

	if (!error && attempt.result == -ENOSPC)
		error = try_to_load(loading, &silent);
	else
		silent.result = attempt.result;
	if (error || silent.result == 0)
		return error;
	return refused(loading, &attempt);
}

struct error *load_bundle(struct attachments *attachments, const struct request *request)
{
	const struct settings *settings = &request->settings;
	const struct loading *loading = &(struct loading){
		.traced = attachments->traced,
		.attachments = attachments,
		.settings = settings,
		.features = request->features,
	};
	bool loaded = false;
	struct error *error;

	libbpf_set_print(print);
	raise_file_limit();
	fill_constants(loading->traced, attachments->tracee, attachments->host, settings->btf,
		loading->features);
	error = attach_register(loading->attachments);
	if (!error && log_settings.verbose)
		error = load_verbose(loading, &loaded);
	if (!error && !loaded)
		error = load(loading);

	/* libbpf continues without types. */
	if (!error && bpf_object__btf_fd(loading->traced->object) < 0)
		error = error_new(EINVAL, "the kernel refused the types of the bundle: %s; %s",
			first_warning(),
			!loading->traced->is_saved
				? "this is a defect of bpftrace, unless memory is short"
				: "the file is damaged, or made by another program");
	if (!error)
		mapsize_report(loading->traced);
	if (!error)
		stack_cache_fill(loading->traced);
	return error ? error : fill_state(loading->traced);
}
