/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input is what the options name, a script or a saved bundle; the result is a bundle that may
 * be loaded here. A saved bundle is not trusted: beyond the checks of reading, it must be made for
 * this kernel's types and require only its features. Errors about it begin with its name.
 */
#include "translate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach/uprobe_file.h"
#include "bpftrace/door/dump.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/color.h"
#include "libcommon/base/io.h"
#include "libcommon/base/log.h"
#include "libcommon/base/utf8.h"
#include "libcommon/host/arch.h"
#include "libcommon/host/feature.h"
#include "libcommon/host/kbtf.h"
#include "libcommon/host/pidns.h"
#include "options.h"
#include "process/progress.h"
#include "script.h"

/* -d alone, and stages without a run. */
static bool is_dump(const struct options *options)
{
	return options->dump_level && (!options->dump_pass || options->dry_run);
}

bool translate_only(const struct options *options)
{
	return options->command == COMMAND_LIST || is_dump(options) || options->emit_elf ||
	       options->emit_llvm;
}

static enum request_answer answer_of(const struct options *options)
{
	if (options->command == COMMAND_LIST)
		return ANSWER_LIST;
	if (is_dump(options) && !options->emit_elf && !options->emit_llvm)
		return ANSWER_DUMP;
	return options->emit_llvm ? ANSWER_IR : ANSWER_BUNDLE;
}

/* The lists stay the options'. */
static void copy_texts(request_texts *to, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		vec_push(to, texts[i]);
}

static void fill_request(struct session *session)
{
	const struct options *options = session->options;
	struct request *request = &session->request;

	request->answer = answer_of(options);
	request->dump_level = options->dump_level;
	request->dump_pass = options->dump_pass;
	request->probe_filter = options->probe_filter;
	request->unsafe = options->unsafe;
	request->keep = options->emit_elf != NULL;
	request->has_child = options->child != NULL;
	request->pid_namespace = !pidns_is_initial(&session->host);
	request->helper_errors = options->helper_errors;
	request->pid = options->pid ? pidns_shown(&session->host, options->pid) : 0;
	request->verbose = log_settings.verbose;
	request->no_warnings = log_settings.no_warnings;
	request->colored = color_used;
	copy_texts(&request->parameters, (const char *const *)options->parameters,
		options->parameter_count);
	copy_texts(
		&request->include_dirs, options->include_dirs.items, options->include_dirs.count);
	request->debug_dirs = options->debug_dirs.length ? str_text(&options->debug_dirs) : NULL;
	copy_texts(&request->include_files, options->include_files.items,
		options->include_files.count);
}

/* A misspelt setting would be ignored in silence. */
static void warn_of_variable(const char *name)
{
	const char *value = NULL;
	struct suggestion suggestion;
	const struct setting_desc *now = setting_find_renamed(name, &value);

	if (now)
		log_warning("%s has been renamed, please use %s", name, now->variable);
	else if (!setting_find(name, &suggestion) && setting_effect(name) != SETTING_WITHOUT_EFFECT)
		log_warning("no setting is called %s%s%s%s", name,
			suggestion.best ? "; did you mean " : "",
			suggestion.best ? suggestion.best : "", suggestion.best ? "?" : "");
}

static void warn_of_unknown_variables(void)
{
	static const char prefix[] = "BPFTRACE_";

	for (char **variable = environ; *variable; variable++) {
		if (strncmp(*variable, prefix, strlen(prefix)) != 0)
			continue;

		_cleanup_free_ char *name = xstrndup(*variable, strcspn(*variable, "="));

		if (strcmp(name, COLOR_VARIABLE) != 0)
			warn_of_variable(name);
	}
}

/* The option comes before the environment. */
static struct error *set_generation(struct session *session)
{
	const char *compat = session->options->compat;

	if (!compat)
		return NULL;
	return settings_set(&session->request.settings, &setting_descs[SETTING_compat], compat,
		&session->traced.arena);
}

/* Forms of a saved bundle's output can be chosen, too. */
static void use_generation(struct session *session)
{
	const char *compat = session->request.settings.compat;

	if (*compat)
		session->traced.bundle.manifest.is_newer = strcmp(compat, "new") == 0;
}

/* The compiler may have no right to read it. */
static struct error *read_traceable(struct session *session)
{
	const char *path = session->options->traceable;
	_cleanup_str_ struct str text = STR_INIT;
	struct error *error = path ? io_read_file(path, &text) : NULL;

	if (path && !error)
		session->request.traceable = arena_strdup(&session->traced.arena, str_text(&text));
	return error;
}

struct error *translate_start(struct session *session)
{
	struct request *request = &session->request;
	struct error *error = settings_from_environment(&request->settings, &session->traced.arena);

	if (!error)
		error = set_generation(session);
	if (!error)
		error = script_read(session->options, &session->traced.arena, &session->request);
	if (!error)
		error = read_traceable(session);
	if (error)
		return error;
	warn_of_unknown_variables();
	fill_request(session);
	session->broker.pid = request->pid;
	if (!bundle_is(request->text, request->length))
		return compile_start(&session->compile);
	if (bundle_is_program(request->text, request->length))
		return error_new(EINVAL,
			"%s is a program or library, not a script; its functions are listed by "
			"-l 'uprobe:%s:*'",
			request->name, request->name);
	if (translate_only(session->options))
		return error_new(
			EINVAL, "%s is compiled already; it can only be run", request->name);
	return NULL;
}

static struct kbtf *open_types(const struct session *session)
{
	const char *path = session->request.settings.btf;

	return kbtf_new(&session->host, *path ? path : NULL);
}

struct error *translate_ask(struct session *session)
{
	if (!session->compile.pid)
		return NULL;
	struct kbtf *kbtf = open_types(session);

	session->request.features = feature_probe(kbtf, session->options->disabled_features);
	kbtf_free(kbtf);
	session->request.waits_since = progress_now();
	return compile_ask(&session->compile, &session->request);
}

/* A file that was cut; devices and links stay. */
static void remove_file(const char *path)
{
	struct stat status;

	if (lstat(path, &status) == 0 && S_ISREG(status.st_mode))
		unlink(path);
}

static struct error *write_answer(const struct options *options, const void *data, size_t size)
{
	const char *path = options->emit_llvm ? options->emit_llvm : options->emit_elf;

	if (!path) {
		_cleanup_str_ struct str text = STR_INIT;

		utf8_append_for(&text, STDOUT_FILENO, data, size, "\n\t");
		return io_write_all(STDOUT_FILENO, text.data, text.length, "the answer");
	}

	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0)
		return error_system(errno, "cannot write %s", path);

	struct error *error = io_write_all(fd, data, size, path);

	if (error)
		remove_file(path);
	return error;
}

static struct error *check_features(uint64_t features, uint64_t needed)
{
	uint64_t missing = needed & ~features;

	for (int i = 0; i < NR_FEATURES; i++) {
		if (missing & FEATURE_BIT(i))
			return error_new(ENOTSUP,
				"the bundle needs a feature that this kernel lacks: %s",
				feature_doc(i));
	}
	return NULL;
}

/* The code reads registers, calls of the kernel and arguments where those of its architecture are.
 */
static struct error *check_arch(const struct manifest *manifest)
{
	const char *native = arch_native()->name;

	if (strcmp(manifest->arch, native) == 0)
		return NULL;
	return error_new(ENOTSUP,
		"the bundle was made for %s, this machine is %s; compile the script again here",
		manifest->arch, native);
}

static struct error *check_identity(struct kbtf *kbtf, const struct manifest *manifest)
{
	uint64_t identity = 0;

	if (!manifest->kernel_identity)
		return NULL;
	struct error *error = kbtf_identity(kbtf, &identity);

	if (error)
		return error_prefix(
			error, "cannot check whether the bundle fits the running kernel");
	if (identity != manifest->kernel_identity)
		return error_new(ENOTSUP,
			"the bundle was made for another kernel%s%s, whose types differ from those "
			"of this one; compile the script again here",
			manifest->kernel ? ": " : "", manifest->kernel ? manifest->kernel : "");
	return NULL;
}

/* A bundle that was made for this run fits this kernel; one out of a file may not. */
static struct error *check_kernel(struct session *session)
{
	struct kbtf *kbtf = open_types(session);
	uint64_t features = feature_probe(kbtf, 0);
	struct error *error = check_arch(&session->traced.bundle.manifest);

	if (!error)
		error = check_identity(kbtf, &session->traced.bundle.manifest);
	if (!error)
		error = check_features(features, session->traced.bundle.manifest.features);
	session->request.features = features & ~session->options->disabled_features;
	kbtf_free(kbtf);
	return error;
}

static bool is_attached(const struct broker_file *file, const void *context)
{
	const struct attachments *attachments = context;
	const struct manifest_probe *probe;

	vec_for_each (&attachments->traced->bundle.manifest.probes, probe) {
		if (uprobe_file_is_of(attachments, file, probe))
			return true;
	}
	return false;
}

/* The compiler has put the positional parameters into the code. */
static struct error *divide_words(struct session *session)
{
	struct traced *traced = &session->traced;
	const request_texts *words = &session->request.parameters;
	struct error *error = script_options_divide(
		&traced->bundle.manifest.options, words->items, words->count, &traced->arguments);

	if (!error && traced->is_saved && traced->arguments.positional.count)
		log_warning("%s is compiled already: its positional parameters are those that it "
			    "was compiled with",
			session->request.name);
	return error;
}

/* Shows the dump in front of an answer, which is left of it. */
static struct error *show_dump(const void **data, size_t *size)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct slice dump, answer;

	if (!dump_split(*data, *size, &dump, &answer))
		return error_new(EINVAL, "the compiler's answer is cut");
	*data = answer.begin;
	*size = answer.length;
	utf8_append_for(&text, STDOUT_FILENO, dump.begin, dump.length, "\n\t");
	return io_write_all(STDOUT_FILENO, text.data, text.length, "the dump");
}

struct error *translate_finish(struct session *session)
{
	const struct options *options = session->options;
	bool saved = session->traced.is_saved = session->compile.pid == 0;
	const void *data = session->request.text;
	size_t size = session->request.length;

	progress_begin("compiling", 0);

	struct error *error =
		saved ? NULL : compile_finish(&session->compile, &session->broker, &data, &size);

	progress_end();

	if (!error && !saved && options->dump_pass && session->request.answer != ANSWER_DUMP)
		error = show_dump(&data, &size);
	if (!error && translate_only(options)) {
		session->progress = PROGRESS_FINISHED;
		return write_answer(options, data, size);
	}
	if (!error)
		error = bundle_read(data, size, &session->traced.arena, &session->traced.bundle);
	if (!error)
		error = divide_words(session);
	if (!error)
		broker_forget(&session->broker, is_attached, &session->attachments);
	if (!error)
		error = bundle_check_helpers(&session->traced.bundle, options->unsafe);
	if (!error && saved)
		error = check_kernel(session);
	if (!error && saved)
		use_generation(session);
	return error && saved ? error_prefix(error, "%s", session->request.name) : error;
}
