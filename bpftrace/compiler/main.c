/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpftrace-compile: a function from a request to its answer. Started without arguments it reads the
 * request from its standard input, as the runner sends it. Given a script it makes the request
 * itself: for tests, fuzzing, and compiling for another machine from its captured files (--root).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpftrace/door/dump.h"
#include "bpftrace/door/opening.h"
#include "bpftrace/door/source.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/cli.h"
#include "libcommon/base/color.h"
#include "libcommon/base/io.h"
#include "libcommon/base/log.h"
#include "libcommon/base/startup.h"
#include "libcommon/base/utf8.h"
#include "libcommon/confine/confine.h"
#include "libcommon/elf/debugdirs.h"
#include "libcommon/host/feature.h"
#include "pipeline.h"

struct options {
	struct request request;
	struct arena *arena;
	const char *file;
	const char *output;
	bool has_text;                 /* -e */
	bool has_features;             /* --features */
	void (*show)(struct str *out); /* --help…: all that is asked for */
};

static struct error *set_root(void *into, const char *argument)
{
	((struct options *)into)->request.root = argument;
	return NULL;
}

static struct error *set_debuginfo(void *into, const char *argument)
{
	struct options *options = into;
	const char *before = options->request.debug_dirs;
	_cleanup_str_ struct str list = STR_INIT;

	str_append(&list, before ? before : "");

	struct error *error = debugdirs_append(argument, &list);

	options->request.debug_dirs = arena_strdup(options->arena, str_text(&list));
	return error;
}

static struct error *set_arch(void *into, const char *argument)
{
	((struct options *)into)->request.arch = argument;
	return NULL;
}

static struct error *set_output(void *into, const char *argument)
{
	((struct options *)into)->output = argument;
	((struct options *)into)->request.keep = true;
	return NULL;
}

static struct error *set_text(void *into, const char *argument)
{
	struct options *options = into;

	options->request.text = argument;
	options->request.length = strlen(argument);
	options->has_text = true;
	return NULL;
}

/* The word after -d is a pass (a stage, to users), or else the script. */
static struct error *set_dump(void *into, const char *argument)
{
	struct options *options = into;

	options->request.answer = ANSWER_DUMP;
	if (argument && pipeline_has_pass(argument))
		options->request.dump_pass = argument;
	else
		options->file = argument;
	if (options->request.dump_level < 2)
		options->request.dump_level++;
	return NULL;
}

static struct error *set_features(void *into, const char *argument)
{
	struct options *options = into;

	options->has_features = true;
	return feature_parse(argument, &options->request.features);
}

static struct error *set_unsafe(void *into, const char *argument _unused_)
{
	((struct options *)into)->request.unsafe = true;
	return NULL;
}

static struct error *set_helper_errors(void *into, const char *argument _unused_)
{
	struct request *request = &((struct options *)into)->request;

	if (request->helper_errors < 2)
		request->helper_errors++;
	return NULL;
}

static struct error *add_include_dir(void *into, const char *argument)
{
	vec_push(&((struct options *)into)->request.include_dirs, argument);
	return NULL;
}

static struct error *add_include_file(void *into, const char *argument)
{
	vec_push(&((struct options *)into)->request.include_files, argument);
	return NULL;
}

static struct error *set_child(void *into, const char *argument _unused_)
{
	((struct options *)into)->request.has_child = true;
	return NULL;
}

static struct error *set_list(void *into, const char *argument _unused_)
{
	((struct options *)into)->request.answer = ANSWER_LIST;
	return NULL;
}

static struct error *set_format(void *into, const char *argument _unused_)
{
	((struct options *)into)->request.answer = ANSWER_FORMAT;
	return NULL;
}

static struct error *set_list_options(void *into, const char *argument _unused_)
{
	((struct options *)into)->request.answer = ANSWER_OPTIONS;
	return NULL;
}

static struct error *set_llvm(void *into, const char *argument _unused_)
{
	((struct options *)into)->request.answer = ANSWER_IR;
	return NULL;
}

static struct error *set_no_warnings(void *into, const char *argument _unused_)
{
	((struct options *)into)->request.no_warnings = true;
	return NULL;
}

static void show_help(struct str *out);

static struct error *set_help(void *into, const char *argument _unused_)
{
	((struct options *)into)->show = show_help;
	return NULL;
}

static struct error *set_help_builtins(void *into, const char *argument _unused_)
{
	((struct options *)into)->show = pipeline_builtins;
	return NULL;
}

static struct error *set_color(void *into _unused_, const char *argument)
{
	return color_set(argument);
}

static const struct cli_option option_table[] = {
	{NULL, 'e', "TEXT", false, "compile this text instead of a file", set_text},
	{NULL, 'o', "FILE", false, "write the answer to FILE instead of standard output",
		set_output},
	{"root", 0, "DIR", false, "read the files of the system below DIR", set_root},
	{"arch", 0, "NAME", false,
		"architecture of that system, as uname -m: default is that of its programs",
		set_arch},
	{"debuginfo", 0, "DIR[:DIR]", false,
		"look for separate debug files in these directories first", set_debuginfo},
	{"features", 0, "LIST", false,
		"kernel features to use, instead of what the root's kernel has", set_features},
	{NULL, 'I', "DIR", false, "look for headers in DIR", add_include_dir},
	{"include", 0, "FILE", false, "include FILE before the script", add_include_file},
	{"unsafe", 0, NULL, false, "allow unsafe functions", set_unsafe},
	{"child", 0, NULL, false, "compile as for a run with -c", set_child},
	{NULL, 'k', NULL, false, "report failing helpers; twice: those that read memory too",
		set_helper_errors},
	{NULL, 'd', "STAGE", true,
		"show the tree and the code, twice: more; or what one STAGE made", set_dump},
	{"list", 0, NULL, false, "show the attach points of the script", set_list},
	{"fmt", 0, NULL, false, "show the script in its standard form", set_format},
	{"list-options", 0, NULL, false, "show the options that the script declares, in JSON",
		set_list_options},
	{"emit-llvm", 0, NULL, false, "show the code before and after optimisation", set_llvm},
	{"no-warnings", 0, NULL, false, "leave out warnings", set_no_warnings},
	{"color", 0, "WHEN", false, "colours of messages: auto, always or never", set_color},
	{"help-builtins", 0, NULL, false, "show the functions and variables of the language",
		set_help_builtins},
	{"help", 'h', NULL, false, "show this text", set_help},
};

static void show_help(struct str *out)
{
	str_append(out, "USAGE:\n    bpftrace-compile [options] FILE [parameters]\n"
			"    bpftrace-compile [options] -e TEXT [parameters]\n"
			"    bpftrace-compile < REQUEST\n\nOPTIONS:\n");
	cli_help(option_table, ARRAY_SIZE(option_table), out);
}

/* The script file, or standard input for "-", becomes the request's text in the arena. */
static struct error *read_script(struct options *options)
{
	_cleanup_str_ struct str text = STR_INIT;
	bool is_stdin = strcmp(options->file, "-") == 0;
	_cleanup_close_ int fd =
		is_stdin ? dup(STDIN_FILENO) : open(options->file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_system(errno, "failed to open file '%s'", options->file);

	struct error *error = source_read(fd, is_stdin ? "standard input" : options->file, &text);

	if (error)
		return error;
	options->request.name = is_stdin ? "stdin" : options->file;
	options->request.length = text.length;
	options->request.text = arena_memdup(options->arena, str_text(&text), text.length + 1);
	return NULL;
}

/* The runner opens the user's files. Compiling a large script takes minutes, so this process ends
 * with the runner; the signal is requested last because changing the user clears it. */
static void depend_on_the_runner(void)
{
	/* Where the user cannot be left, there is still no capability. */
	error_free(privilege_leave_user());
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* The request's text, up to its end. */
static struct error *receive(struct str *out)
{
	enum { MESSAGE = 64 << 10 };
	ssize_t size = 1;

	while (size > 0 && !memchr(str_text(out), REQUEST_END, out->length)) {
		char *room = str_reserve(out, MESSAGE);

		size = read(STDIN_FILENO, room, MESSAGE);
		if (size < 0)
			return error_system(errno, "standard input");
		out->length += (size_t)size;
	}
	str_truncate(out, strnlen(str_text(out), out->length));
	return NULL;
}

/* The runner answers on the socket that its request came on. */
static void take_opener(struct request *request, struct arena *arena)
{
	static struct opening_client client;
	struct stat status;

	if (fstat(STDIN_FILENO, &status) < 0 || !S_ISSOCK(status.st_mode))
		return;
	client = opening_client(STDIN_FILENO, arena);
	request->opener = &client.opener;
}

static struct error *read_request(struct arena *arena, struct request *ret)
{
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_json_ json_t *json = NULL;
	struct error *error = receive(&text);

	if (!error && !text.length)
		return error_new(ECANCELED, "the runner exited before it sent a request");
	if (!error)
		error = json_parse(str_text(&text), text.length, &json);
	if (!error)
		error = request_from_json(json, arena, ret);
	if (error)
		return error_prefix(error, "request");
	color_used = ret->colored;
	take_opener(ret, arena);
	return NULL;
}

/* Options into options->request; nothing is read yet. */
static struct error *read_options(int argc, char **argv, struct options *options)
{
	int first = 0;
	struct error *error =
		cli_parse(option_table, ARRAY_SIZE(option_table), argc, argv, options, &first);

	if (error || options->show)
		return error;
	if (!options->has_text && !options->file && first < argc)
		options->file = argv[first++];
	if (!options->has_text && !options->file)
		return error_new(EINVAL, "no script: give -e TEXT or a file");
	for (; first < argc; first++)
		vec_push(&options->request.parameters, argv[first]);
	return settings_from_environment(&options->request.settings, options->arena);
}

static void append_options(const struct compilation *c, struct str *out)
{
	_cleanup_json_ json_t *json = script_options_to_json(&c->options);

	json_append(json, out);
	str_append_char(out, '\n');
}

/* Appends the answer; dumps are in it already. */
static void answer(struct compilation *c, struct str *out)
{
	switch (c->request->answer) {
	case ANSWER_BUNDLE: str_append_bytes(out, c->bundle, c->bundle_size); break;
	case ANSWER_IR:
		str_printf(out, "; before optimisation\n%s\n; after optimisation\n%s",
			str_text(&c->ir_before), str_text(&c->ir_after));
		break;
	case ANSWER_LIST: pipeline_list(c, out); break;
	case ANSWER_OPTIONS: append_options(c, out); break;
	case ANSWER_FORMAT:
	case ANSWER_DUMP: break;
	}
}

/* Dumps have texts of the script in them; one that is not for the runner may go to a terminal. */
static struct error *write_answer(int fd, const struct str *answer)
{
	_cleanup_str_ struct str text = STR_INIT;

	utf8_append_for(&text, fd, answer->data, answer->length, "\n\t");
	/* A script that was refused may have a dump, but leaves an earlier answer as it is. */
	if (text.length == 0)
		return NULL;
	if (fd == STDOUT_FILENO)
		return io_write_all(fd, str_text(&text), text.length, "the answer");
	if (ftruncate(fd, 0) != 0 && errno != EINVAL)
		return error_system(errno, "cannot write the answer");

	struct error *error = io_write_all(fd, str_text(&text), text.length, "the answer");

	/* EINVAL: it is a device or a pipe. */
	if (error && ftruncate(fd, 0) != 0)
		errno = 0;
	return error;
}

/* Returns in a new process. This one, which may remove files, waits for it and ends as it does;
 * what it has left empty is removed. */
static void remove_after_failure(const char *path)
{
	pid_t parent = getpid(), pid = fork();
	struct stat file;
	int status = 0;

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	if (pid <= 0)
		return;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status != 0 && lstat(path, &file) == 0 && S_ISREG(file.st_mode) && file.st_size == 0)
		unlink(path);
	if (WIFSIGNALED(status))
		raise(WTERMSIG(status));
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

/* Whether the runner has waited for so long that it shows it, or is about to. */
static bool is_shown(const struct request *request)
{
	enum { SHOWN_MS = 900 };
	struct timespec now;

	if (!request->waits_since)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 -
		       request->waits_since >
	       SHOWN_MS;
}

static struct error *compile(struct options *options, struct str *out, bool *ret_refused)
{
	struct request *request = &options->request;
	_cleanup_str_ struct str messages = STR_INIT;
	static struct diags diags;
	static struct compilation c;

	struct error *error = pipeline_check_stages(request->dump_pass);

	if (!error)
		error = compilation_init(request, options->arena, &diags, &c);
	if (error)
		return error;
	if (options->file || options->has_text) {
		if (!options->has_features)
			request->features = feature_probe(c.kbtf, 0);
	}
	pipeline_run(&c, out);
	*ret_refused = diags.errors > 0;

	size_t dump_size = out->length;

	error = TAKE(c.error);
	if (!*ret_refused && !error)
		answer(&c, out);
	if (request->dump_pass && request->answer != ANSWER_DUMP)
		dump_close(out, dump_size);
	if (is_shown(request) && diags.list.count)
		str_append(&messages, "\r\033[K");
	diags_render(&diags, !request->no_warnings, &messages);

	struct error *unwritten =
		io_write_all(STDERR_FILENO, str_text(&messages), messages.length, "the answer");

	if (!error)
		return unwritten;
	error_free(unwritten);
	return error;
}

static struct error *run(int argc, char **argv, struct options *options, bool *ret_refused)
{
	_cleanup_str_ struct str out = STR_INIT;
	int fd = STDOUT_FILENO;
	struct error *error = argc > 1 ? read_options(argc, argv, options) : NULL;

	if (error)
		return error;
	if (argc == 1)
		depend_on_the_runner();
	if (options->show) {
		options->show(&out);
		return io_write_all(fd, str_text(&out), out.length, "the answer");
	}
	if (options->output)
		fd = open(options->output, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_system(errno, "%s", options->output);
	if (options->output)
		remove_after_failure(options->output);
	error = confine_compiler();
	if (!error && options->file)
		error = read_script(options);
	else if (!error && !options->has_text)
		error = read_request(options->arena, &options->request);
	if (!error)
		error = compile(options, &out, ret_refused);
	if (!error)
		error = write_answer(fd, &out);
	return error;
}

int main(int argc, char **argv)
{
	static struct arena arena;
	static struct options options = {.arena = &arena};
	bool refused = false;

	startup();
	error_free(color_decide());
	options.request = request_init();

	struct error *error = run(argc, argv, &options, &refused);

	if (error && error->number != ECANCELED)
		log_error("%s", error->message);
	fflush(NULL);
	/* Freeing what LLVM holds would take milliseconds that the kernel does not need. */
	_exit(error || refused ? 1 : 0);
}
