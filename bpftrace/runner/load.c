/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading by libbpf. The types of programs come from the manifest's links and not from the names of
 * their sections, and nothing is attached by libbpf. All programs share one log buffer, into which
 * the kernel writes only when it refuses something; with -v each has a buffer of its own.
 */
#include "load.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "attach/attach.h"
#include "fill.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "verifier.h"

enum {
	LOG_LEAST = 128, /* bytes; the kernel takes no shorter buffer */
	LOG_SHARED = 65536,
	LEVEL_VERDICT = 4, /* no walk, only the verdict and statistics */
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

/* The first line of what libbpf said, without its own name: what comes later only follows from it.
 */
static const char *first_complaint(void)
{
	static const char prefix[] = "libbpf: ";
	const char *text = str_text(&complaints);

	str_truncate(&complaints, strcspn(text, "\n"));
	return strncmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix) : text;
}

static struct error *open_object(struct session *session, char *log, size_t log_size)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "bpftrace", .kernel_log_buf = log,
		.kernel_log_size = log_size);

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

/* What is asked of the verifier. */
enum log {
	LOG_OF_REFUSAL, /* from the program that it refuses, by libbpf loading it once more */
	LOG_OF_ALL,     /* from each program: -v */
	LOG_OF_VERDICT, /* only the verdict and statistics, when the others are too long */
};

/* Untouched pages of the buffers cost nothing. */
static struct error *ask_for_logs(struct session *session)
{
	size_t size = session->bundle.manifest.settings.log_size;
	struct bpf_program *program;

	if (size < LOG_LEAST)
		return error_new(ENOSPC, "the kernel takes no log buffer of %zu bytes", size);
	bpf_object__for_each_program (program, session->object) {
		bpf_program__set_log_buf(program, xcalloc(1, size), size);
		bpf_program__set_log_level(program, log_settings.verbose > 1 ? 2 : 1);
	}
	return NULL;
}

static void ask_for_verdicts(struct session *session)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, session->object)
		bpf_program__set_log_level(program, LEVEL_VERDICT);
}

/* Shows the programs' own logs and frees them. */
static void take_logs(struct session *session)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, session->object) {
		size_t size;
		const char *log = bpf_program__log_buf(program, &size);

		if (bpf_program__autoload(program))
			log_verbose("Program %s\n\nThe verifier log:\n%s",
				bpf_program__name(program), log);
		free((void *)(uintptr_t)log);
	}
}

/* The log of the program at which loading stopped: the last one in which something was written. */
static const char *last_log(const struct session *session)
{
	struct bpf_program *program;
	const char *last = "";

	bpf_object__for_each_program (program, session->object) {
		size_t size;
		const char *log = bpf_program__log_buf(program, &size);

		if (bpf_program__autoload(program) && *log)
			last = log;
	}
	return last;
}

/* libbpf's result; a log that did not fit (ENOSPC) may still end with the verdict. */
static struct error *explain(struct session *session, int number, const char *log, enum log kind)
{
	_cleanup_str_ struct str text = STR_INIT;

	if (number == EPERM)
		return error_new(number,
			"the kernel does not allow loading BPF programs or maps here: %s",
			first_complaint());
	if (number == ENOSPC && (kind == LOG_OF_ALL || !strstr(log, "\nprocessed ")))
		return error_new(number, "the verifier's log did not fit");
	if (verifier_explain(log, &session->bundle.manifest, &text)) {
		fputs(str_text(&text), stderr);
		return error_new(ECANCELED, "the verifier refused the script");
	}
	return error_system(
		number, "cannot load the script into the kernel: %s", first_complaint());
}

static struct error *load_object(struct session *session, const char *log, enum log kind)
{
	int result = bpf_object__load(session->object);
	struct error *error = NULL;

	if (result != 0)
		error = explain(
			session, -result, kind == LOG_OF_ALL ? last_log(session) : log, kind);
	if (kind == LOG_OF_ALL)
		take_logs(session);

	/* libbpf would go on without types. */
	if (!error && bpf_object__btf_fd(session->object) < 0)
		error = error_new(EINVAL,
			"the kernel refused the types of the bundle, which is a defect of "
			"bpftrace: %s",
			log);
	return error;
}

static struct error *attempt(struct session *session, char *log, size_t log_size, enum log kind)
{
	struct error *error = open_object(session, log, log_size);

	if (!error)
		error = prepare_programs(session);
	if (!error)
		error = fill_sizes(session);
	if (!error && kind == LOG_OF_ALL)
		error = ask_for_logs(session);
	if (!error && kind == LOG_OF_VERDICT)
		ask_for_verdicts(session);
	return error ? error : load_object(session, log, kind);
}

/* Another attempt after a log did not fit: it may be that nothing else is wrong. */
static struct error *attempt_again(
	struct session *session, char *log, size_t log_size, enum log before)
{
	if (before == LOG_OF_ALL)
		log_warning("the verifier's log does not fit in %llu bytes; raise log_size "
			    "(BPFTRACE_LOG_SIZE)",
			(unsigned long long)session->bundle.manifest.settings.log_size);
	bpf_object__close(TAKE(session->object));
	return attempt(session, log, log_size, LOG_OF_VERDICT);
}

struct error *load_bundle(struct session *session)
{
	size_t log_size = MAX(session->bundle.manifest.settings.log_size, LOG_SHARED);
	_cleanup_free_ char *log = xcalloc(1, log_size);
	enum log kind = log_settings.verbose ? LOG_OF_ALL : LOG_OF_REFUSAL;

	libbpf_set_print(print);
	struct error *error = attempt(session, log, log_size, kind);

	if (error && error->number == ENOSPC && session->object) {
		error_free(error);
		error = attempt_again(session, log, log_size, kind);
	}
	return error ? error : fill_state(session);
}
