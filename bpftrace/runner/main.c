/* SPDX-License-Identifier: Apache-2.0 */
/* bpftrace: runs a script. See steps.c for what happens in a run. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formatting.h"
#include "info.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/color.h"
#include "libcommon/base/log.h"
#include "libcommon/base/startup.h"
#include "libcommon/base/vec.h"
#include "libcommon/elf/debugdirs.h"
#include "libcommon/host/procfs.h"
#include "options.h"
#include "process/sibling_path.h"
#include "release.h"
#include "script_words.h"
#include "session.h"
#include "steps.h"

_noreturn_ static void out_of_memory(void)
{
	static const char message[] = "ERROR: out of memory\n";

	if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
		_exit(2);
	_exit(1);
}

/* Reports and frees the error; returns the exit status. */
static int fail(struct error *error)
{
	if (error->number != ECANCELED)
		log_error("%s", error->message);
	error_free(error);
	return 1;
}

static int show(const struct str *text)
{
	if (fwrite(str_text(text), 1, text->length, stdout) == text->length && !fflush(stdout))
		return 0;
	return fail(error_system(errno, "cannot write the output"));
}

static int show_usage(void)
{
	_cleanup_str_ struct str text = STR_INIT;

	options_usage(&text);
	return show(&text);
}

static int show_version(void)
{
	_cleanup_str_ struct str text = STR_INIT;

	str_append(&text, "bpftrace v" VERSION "\n");
	return show(&text);
}

static int show_info(void)
{
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_str_ struct str text = STR_INIT;
	struct error *error = host_open_root("/", &host);

	if (error)
		return fail(error);
	info_report(&host, &text);
	return show(&text);
}

/* Reports why execve failed, and returns the exit status. Without /proc the path that was tried is
 * wrong, since it is found by /proc/self/exe. */
static int cannot_start(const char *path)
{
	int number = errno;
	_cleanup_host_ struct host host = HOST_INIT;
	struct error *error = host_open_root("/", &host);

	if (!error)
		error = procfs_check_mounts(&host);
	return fail(error ? error : error_system(number, "cannot start %s", path));
}

/* Executes bpftrace-list. */
static int list(const struct options *options)
{
	_cleanup_free_ char *path = sibling_path("../bpftrace-list/bpftrace-list", LIST_PATH);
	_cleanup_free_ char *pid = xasprintf("%d", options->pid);
	VEC(const char *) words = {};

	vec_push(&words, "bpftrace-list");
	for (int i = 0; i < log_settings.verbose; i++)
		vec_push(&words, "-v");
	if (options->pid) {
		vec_push(&words, "-p");
		vec_push(&words, pid);
	}
	if (options->debug_dirs.length) {
		vec_push(&words, "--debuginfo");
		vec_push(&words, str_text(&options->debug_dirs));
	}
	if (options->traceable) {
		vec_push(&words, "--traceable-functions");
		vec_push(&words, options->traceable);
	}
	vec_push(&words, "--color");
	vec_push(&words, color_when());
	if (options->format) {
		vec_push(&words, "-f");
		vec_push(&words, options->format);
	}
	if (options->search)
		vec_push(&words, options->search);
	vec_push(&words, NULL);
	unsetenv(COLOR_VARIABLE);
	execv(path, (char *const *)(uintptr_t)words.items);
	int status = cannot_start(path);

	vec_deinit(&words);
	return status;
}

/* Executes the compiler, which has the table of builtins. */
static int show_functions(void)
{
	_cleanup_free_ char *path = sibling_path("compiler/bpftrace-compile", COMPILER_PATH);

	execl(path, "bpftrace-compile", "--help-builtins", NULL);
	return cannot_start(path);
}

/* What the script itself says about its options. */
static int show_of_script(
	struct options *options, struct error *(*append)(struct options *options, struct str *out))
{
	_cleanup_str_ struct str text = STR_INIT;
	struct error *error = append(options, &text);

	return error ? fail(error) : show(&text);
}

/* Returns the exit status of a failure; otherwise ends the process by detaching (release.c). */
static int run(const struct options *options)
{
	struct session session;
	struct error *error;

	/* Shells start background jobs with SIGINT ignored; it still ends this process. */
	signal(SIGINT, SIG_DFL);
	/* It prints maps, of which there are none before run.c installs its handler. */
	signal(SIGUSR1, SIG_IGN);
	error = session_init(&session, options);

	if (!error)
		error = steps_run(&session);
	if (!error)
		release(&session, session.exit_status);
	int status = fail(error);

	session_deinit(&session);
	return status;
}

static void warn_of_color(struct error *error)
{
	if (error)
		log_warning("%s", error->message);
	error_free(error);
}

int main(int argc, char **argv)
{
	struct options options = {};
	int status = 0;

	startup();
	warn_of_color(color_decide());
	alloc_set_failed(out_of_memory);
	if (argc < 2) {
		_cleanup_str_ struct str text = STR_INIT;

		options_usage(&text);
		fputs(str_text(&text), stderr);
		return 1;
	}
	struct error *error = options_parse(argc, argv, &options);

	if (error) {
		bool is_unknown = error->number == ENOENT;

		status = fail(error);
		if (is_unknown)
			log_hint("bpftrace --help lists all options; -- ends them before a "
				 "script's parameters");
		return status;
	}
	debugdirs_use(str_text(&options.debug_dirs));
	switch (options.command) {
	case COMMAND_HELP: status = show_usage(); break;
	case COMMAND_HELP_FUNCTIONS: status = show_functions(); break;
	case COMMAND_VERSION: status = show_version(); break;
	case COMMAND_INFO: status = show_info(); break;
	case COMMAND_LIST:
		status = options.text || options.file ? run(&options) : list(&options);
		break;
	case COMMAND_FORMAT: status = formatting_run(&options); break;
	case COMMAND_LIST_OPTIONS: status = show_of_script(&options, script_words_list); break;
	case COMMAND_SCRIPT_HELP: status = show_of_script(&options, script_words_usage); break;
	case COMMAND_RUN: status = run(&options); break;
	}
	options_deinit(&options);
	return status;
}
