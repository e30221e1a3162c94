/* SPDX-License-Identifier: Apache-2.0 */
#include "script_words.h"

#include <errno.h>
#include <string.h>

#include "ask.h"
#include "bpftrace/door/bundle.h"
#include "bpftrace/door/script_usage.h"
#include "script.h"

/* The options that a script declares. */
struct declared {
	struct arena arena;
	script_options options;
	struct request request; /* its name and text */
};

static void declared_deinit(struct declared *declared)
{
	vec_deinit(&declared->options);
	request_deinit(&declared->request);
	arena_deinit(&declared->arena);
}

#define _cleanup_declared_ _cleanup_(declared_deinit)

/* Only a call declares one, though it may be in an imported file. */
static bool may_declare(const struct request *request)
{
	return memmem(request->text, request->length, "getopt", strlen("getopt")) ||
	       memmem(request->text, request->length, "import", strlen("import"));
}

static struct error *read_answer(const void *data, size_t size, struct declared *declared)
{
	_cleanup_json_ json_t *json = NULL;
	struct error *error = json_parse(data, size, &json);

	if (!error)
		error = script_options_from_json(json, &declared->arena, &declared->options);
	return error ? error_prefix(error, "the options of the script") : NULL;
}

static struct error *ask_script(struct declared *declared)
{
	const void *answer = NULL;
	size_t size = 0;
	struct error *error;

	declared->request.answer = ANSWER_OPTIONS;
	declared->request.no_warnings = true;
	error = ask_compiler(&declared->request, &declared->arena, &answer, &size);
	return error ? error : read_answer(answer, size, declared);
}

/* A saved bundle has them, and the script's text, in its manifest. */
static struct error *ask_bundle(struct declared *declared)
{
	struct request *request = &declared->request;
	struct bundle bundle = {};
	struct error *error =
		bundle_read(request->text, request->length, &declared->arena, &bundle);

	if (error)
		return error_prefix(error, "%s", request->name);
	for (size_t i = 0; i < bundle.manifest.options.count; i++)
		vec_push(&declared->options, bundle.manifest.options.items[i]);
	request->text = "";
	request->length = 0;
	if (bundle.manifest.sources.count) {
		request->text = bundle.manifest.sources.items[0].text;
		request->length = strlen(request->text);
	}
	bundle_deinit(&bundle);
	return NULL;
}

/* *ret, which is to be deinitialized in any case, has no options where the script declares none. */
static struct error *find_declared(struct options *options, struct declared *ret)
{
	struct request *request = &ret->request;
	struct error *error;

	ret->request = request_init();
	error = settings_from_environment(&request->settings, &ret->arena);
	if (!error)
		error = script_keep(options);
	if (!error)
		error = script_read(options, &ret->arena, request);
	if (error || bundle_is_program(request->text, request->length))
		return error;
	if (bundle_is(request->text, request->length))
		return ask_bundle(ret);
	return may_declare(request) ? ask_script(ret) : NULL;
}

/* --- words in front of "--" --- */

static bool is_long(const char *word)
{
	return strncmp(word, "--", 2) == 0 && word[2];
}

static bool has_long(int first, int argc, char *const *argv)
{
	for (int i = first + 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (is_long(argv[i]))
			return true;
	}
	return false;
}

/* The command line behind the script's file. */
struct tail {
	const script_options *declared;
	bool (*is_own)(const char *word);
};

/* How many words at argv[at] are an option of the script with its value; 0: none is. One that
 * neither the script nor bpftrace has counts, too. */
static int count_option(const struct tail *tail, int at, int argc, char *const *argv)
{
	const struct script_option *option = script_options_find(tail->declared, argv[at]);

	if (!option)
		return strcmp(argv[at], "--help") == 0 ||
		       (is_long(argv[at]) && !tail->is_own(argv[at]));
	if (strchr(argv[at], '=') || !script_option_takes_word(option))
		return 1;
	return at + 1 < argc && strncmp(argv[at + 1], "--", 2) != 0 ? 2 : 1;
}

static void move_words(
	struct options *options, const struct tail *tail, int first, int *argc, char **argv)
{
	int kept = first + 1, at = first + 1;

	while (at < *argc && strcmp(argv[at], "--") != 0) {
		int taken = count_option(tail, at, *argc, argv);

		for (int i = 0; i < taken; i++)
			vec_push(&options->script_words, argv[at + i]);
		if (!taken)
			argv[kept++] = argv[at];
		at += MAX(taken, 1);
	}
	while (at < *argc)
		argv[kept++] = argv[at++];
	argv[kept] = NULL;
	*argc = kept;
}

void script_words_take(struct options *options, int first, bool (*is_own)(const char *word),
	int *argc, char **argv)
{
	_cleanup_declared_ struct declared declared = {};
	const struct tail tail = {&declared.options, is_own};

	if (first >= *argc || !has_long(first, *argc, argv))
		return;
	options->file = argv[first];

	/* A file that is none is reported when it is to be run. */
	_cleanup_error_ struct error *error = find_declared(options, &declared);

	options->file = NULL;
	if (!error && declared.options.count)
		move_words(options, &tail, first, argc, argv);
}

/* --- answers --- */

static bool asks_for_help(const struct options *options)
{
	for (size_t i = 0; i < options->parameter_count; i++) {
		if (strcmp(options->parameters[i], "--help") == 0)
			return true;
	}
	return false;
}

struct error *script_words_find_help(struct options *options)
{
	_cleanup_(script_arguments_deinit) struct script_arguments arguments = {};
	_cleanup_declared_ struct declared declared = {};

	if (!asks_for_help(options))
		return NULL;

	struct error *error = find_declared(options, &declared);

	if (!error)
		error = script_options_divide(&declared.options,
			(const char *const *)options->parameters, options->parameter_count,
			&arguments);
	if (!error && arguments.wants_help)
		options->command = COMMAND_SCRIPT_HELP;
	return error;
}

struct error *script_words_usage(struct options *options, struct str *out)
{
	_cleanup_declared_ struct declared declared = {};
	const struct request *request = &declared.request;
	struct error *error = find_declared(options, &declared);

	if (!error)
		script_usage(request->name, request->text, request->length, &declared.options, out);
	return error;
}

/* Where the values are is no matter of users. */
static void list_as_json(const script_options *options, struct str *out)
{
	_cleanup_json_ json_t *json = script_options_to_json(options);

	for (size_t i = 0; i < json_array_size(json); i++) {
		json_object_del(json_array_get(json, i), "offset");
		json_object_del(json_array_get(json, i), "size");
	}
	json_append(json, out);
	str_append_char(out, '\n');
}

struct error *script_words_list(struct options *options, struct str *out)
{
	_cleanup_declared_ struct declared declared = {};
	struct error *error = find_declared(options, &declared);

	if (error)
		return error;
	if (options->format && strcmp(options->format, "json") == 0)
		list_as_json(&declared.options, out);
	else
		script_options_list(&declared.options, out);
	return NULL;
}
