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
#include <unistd.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/cli.h"
#include "libcommon/base/log.h"
#include "libcommon/confine/confine.h"
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

/* The word after -d is a stage, or else the script. */
static struct error *set_dump(void *into, const char *argument)
{
	struct options *options = into;

	options->request.answer = ANSWER_DUMP;
	if (argument && pipeline_has_stage(argument))
		options->request.dump_stage = argument;
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

static const struct cli_option option_table[] = {
	{NULL, 'e', "TEXT", false, "compile this text instead of a file", set_text},
	{NULL, 'o', "FILE", false, "write the answer to FILE instead of standard output",
		set_output},
	{"root", 0, "DIR", false, "read the files of the system below DIR", set_root},
	{"features", 0, "LIST", false,
		"kernel features to use, instead of what the root's kernel has", set_features},
	{"unsafe", 0, NULL, false, "allow unsafe functions", set_unsafe},
	{"child", 0, NULL, false, "compile as for a run with -c", set_child},
	{NULL, 'k', NULL, false, "report failing helpers; twice: those that read memory too",
		set_helper_errors},
	{NULL, 'd', "STAGE", true,
		"show the tree and the code, twice: more; or what one STAGE made", set_dump},
	{"list", 0, NULL, false, "show the attach points of the script", set_list},
	{"emit-llvm", 0, NULL, false, "show the code before and after optimisation", set_llvm},
	{"no-warnings", 0, NULL, false, "leave out warnings", set_no_warnings},
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

static struct error *read_all(int fd, const char *name, struct str *out)
{
	int number = str_read(out, fd);

	return number ? error_system(number, "%s", name) : NULL;
}

static struct error *write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t count = write(fd, data, size);

		if (count < 0 && errno != EINTR)
			return error_system(errno, "the answer cannot be written");
		if (count > 0) {
			data += count;
			size -= (size_t)count;
		}
	}
	return NULL;
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

	struct error *error = read_all(fd, options->file, &text);

	if (error)
		return error;
	options->request.name = is_stdin ? "stdin" : options->file;
	options->request.length = text.length;
	options->request.text = arena_memdup(options->arena, str_text(&text), text.length + 1);
	return NULL;
}

/* An answer that nobody waits for would take minutes for a large script. */
static void end_with_the_runner(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static struct error *read_request(struct arena *arena, struct request *ret)
{
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_json_ json_t *json = NULL;
	struct error *error = read_all(STDIN_FILENO, "standard input", &text);

	if (!error && !text.length)
		return error_new(ECANCELED, "the runner ended before it asked");
	if (!error)
		error = json_parse(str_text(&text), text.length, &json);
	if (!error)
		error = request_from_json(json, arena, ret);
	return error ? error_prefix(error, "request") : NULL;
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

static void list(const struct compilation *c, struct str *out)
{
	struct unit **unit;
	struct probe_match *match;

	vec_for_each (&c->units, unit) {
		vec_for_each (&(*unit)->matches, match)
			str_printf(out, "%s\n", match->name);
	}
}

/* Appends the answer; dumps are in it already. */
static void answer(const struct compilation *c, struct str *out)
{
	switch (c->request->answer) {
	case ANSWER_BUNDLE: str_append_bytes(out, c->bundle, c->bundle_size); break;
	case ANSWER_IR:
		str_printf(out, "; before optimisation\n%s\n; after optimisation\n%s",
			str_text(&c->ir_before), str_text(&c->ir_after));
		break;
	case ANSWER_LIST: list(c, out); break;
	case ANSWER_DUMP: break;
	}
}

static struct error *compile(struct options *options, struct str *out, bool *ret_refused)
{
	struct request *request = &options->request;
	_cleanup_str_ struct str messages = STR_INIT;
	static struct diags diags;
	static struct compilation c;

	if (request->dump_stage && !pipeline_has_stage(request->dump_stage)) {
		pipeline_stages(&messages);
		return error_new(EINVAL, "no stage '%s', there are: %s", request->dump_stage,
			str_text(&messages));
	}

	struct error *error = compilation_init(request, options->arena, &diags, &c);

	if (error)
		return error;
	if (options->file || options->has_text) {
		if (!options->has_features)
			request->features = feature_probe(c.kbtf, 0);
	}
	pipeline_run(&c, out);
	diags_render(&diags, !request->no_warnings, &messages);
	*ret_refused = diags.errors > 0;
	if (!*ret_refused)
		answer(&c, out);
	return write_all(STDERR_FILENO, str_text(&messages), messages.length);
}

static struct error *run(int argc, char **argv, struct options *options, bool *ret_refused)
{
	_cleanup_str_ struct str out = STR_INIT;
	int fd = STDOUT_FILENO;
	struct error *error = argc > 1 ? read_options(argc, argv, options) : NULL;

	if (error)
		return error;
	if (argc == 1)
		end_with_the_runner();
	if (options->show) {
		options->show(&out);
		return write_all(fd, str_text(&out), out.length);
	}
	if (options->output)
		fd = open(options->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_system(errno, "%s", options->output);
	error = confine_compiler();
	if (!error && options->file)
		error = read_script(options);
	else if (!error && !options->has_text)
		error = read_request(options->arena, &options->request);
	if (!error)
		error = compile(options, &out, ret_refused);
	if (!error)
		error = write_all(fd, str_text(&out), out.length);
	return error;
}

int main(int argc, char **argv)
{
	static struct arena arena;
	static struct options options = {.arena = &arena};
	bool refused = false;

	options.request = request_init();

	struct error *error = run(argc, argv, &options, &refused);

	if (error && error->number != ECANCELED)
		log_error("%s", error->message);
	fflush(NULL);
	/* Freeing what LLVM holds would take milliseconds that the kernel does not need. */
	_exit(error || refused ? 1 : 0);
}
