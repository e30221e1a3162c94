/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In goes what the options name, a script or a saved bundle; out comes a bundle that may be loaded
 * here. A saved bundle is as hostile as any file: beyond what reading it checks, it must be made
 * for the types and need only features of this kernel. Names of saved bundles are put before
 * errors.
 */
#include "translate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "libcommon/host/feature.h"
#include "libcommon/host/kbtf.h"
#include "options.h"
#include "script.h"

bool translate_only(const struct options *options)
{
	return options->command == COMMAND_LIST || options->dump_level || options->emit_elf ||
	       options->emit_llvm;
}

static enum request_answer answer_of(const struct options *options)
{
	if (options->command == COMMAND_LIST)
		return ANSWER_LIST;
	if (options->dump_level)
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
	request->dump_stage = options->dump_stage;
	request->unsafe = options->unsafe;
	request->keep = options->emit_elf != NULL;
	request->has_child = options->child != NULL;
	request->helper_errors = options->helper_errors;
	request->pid = options->pid;
	request->verbose = log_settings.verbose;
	request->no_warnings = log_settings.no_warnings;
	copy_texts(&request->parameters, (const char *const *)options->parameters,
		options->parameter_count);
	copy_texts(
		&request->include_dirs, options->include_dirs.items, options->include_dirs.count);
	copy_texts(&request->include_files, options->include_files.items,
		options->include_files.count);
}

/* Whether the script may have an attach point for all that runs: "usdt:*:name". */
static bool asks_for_all(const struct request *request)
{
	const char **parameter;

	vec_for_each (&request->parameters, parameter) {
		if (strcmp(*parameter, "*") == 0)
			return true;
	}
	return memmem(request->text, request->length, ":*:", 3) ||
	       memmem(request->text, request->length, ":\"*\":", 5);
}

/* The compiler has no privilege to look at other processes. What cannot be read is its to tell, if
 * the script needs it. */
static void read_processes(struct session *session)
{
	struct request *request = &session->request;

	if (!request->pid && !asks_for_all(request))
		return;

	_cleanup_error_ struct error *error =
		processes_read(session->host, request->pid, &session->arena, &request->processes);

	request->has_processes = !error;
}

/* A misspelt setting would be ignored in silence. */
static void warn_of_unknown_variables(void)
{
	static const char prefix[] = "BPFTRACE_";

	for (char **variable = environ; *variable; variable++) {
		struct suggestion suggestion;

		if (strncmp(*variable, prefix, strlen(prefix)) != 0)
			continue;

		_cleanup_free_ char *name = xstrndup(*variable, strcspn(*variable, "="));

		if (setting_find(name, &suggestion))
			continue;
		log_warning("no setting is called %s%s%s%s", name,
			suggestion.best ? "; did you mean " : "",
			suggestion.best ? suggestion.best : "", suggestion.best ? "?" : "");
	}
}

struct error *translate_start(struct session *session)
{
	struct request *request = &session->request;
	struct error *error = settings_from_environment(&request->settings, &session->arena);

	if (!error)
		error = script_read(session);
	if (error)
		return error;
	warn_of_unknown_variables();
	fill_request(session);
	if (!bundle_is(request->text, request->length)) {
		read_processes(session);
		return compile_start(&request->processes, &session->compile);
	}
	if (translate_only(session->options))
		return error_new(
			EINVAL, "%s is compiled already; it can only be run", request->name);
	return NULL;
}

static struct kbtf *open_types(const struct session *session)
{
	const char *path = session->request.settings.btf;

	return kbtf_new(session->host, *path ? path : NULL);
}

struct error *translate_ask(struct session *session)
{
	if (!session->compile.pid)
		return NULL;
	struct kbtf *kbtf = open_types(session);

	session->request.features = feature_probe(kbtf, session->options->disabled_features);
	kbtf_free(kbtf);
	return compile_ask(&session->compile, &session->request);
}

static struct error *write_all(const char *path, int fd, const void *data, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t got = write(fd, (const char *)data + done, size - done);

		if (got >= 0)
			done += (size_t)got;
		else if (errno != EINTR)
			return error_system(errno, "cannot write %s", path);
	}
	return NULL;
}

static struct error *write_answer(const struct options *options, const void *data, size_t size)
{
	const char *path = options->dump_level  ? NULL
			   : options->emit_llvm ? options->emit_llvm
						: options->emit_elf;

	if (!path)
		return write_all("the answer", STDOUT_FILENO, data, size);

	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0)
		return error_system(errno, "cannot write %s", path);
	return write_all(path, fd, data, size);
}

static struct error *check_features(struct kbtf *kbtf, uint64_t needed)
{
	uint64_t missing = needed ? needed & ~feature_probe(kbtf, 0) : 0;

	for (int i = 0; i < NR_FEATURES; i++) {
		if (missing & FEATURE_BIT(i))
			return error_new(ENOTSUP,
				"the bundle needs a feature that this kernel lacks: %s",
				feature_doc(i));
	}
	return NULL;
}

static struct error *check_identity(struct kbtf *kbtf, const struct manifest *manifest)
{
	uint64_t identity = 0;

	if (!manifest->kernel_identity)
		return NULL;
	struct error *error = kbtf_identity(kbtf, &identity);

	if (error)
		return error_prefix(
			error, "cannot tell whether the bundle fits the running kernel");
	if (identity != manifest->kernel_identity)
		return error_new(ENOTSUP,
			"the bundle was made for another kernel%s%s, whose types differ from those "
			"of this one; compile the script again here",
			manifest->kernel ? ": " : "", manifest->kernel ? manifest->kernel : "");
	return NULL;
}

/* A bundle that was made for this run fits this kernel; one out of a file may not. */
static struct error *check_kernel(const struct session *session)
{
	struct kbtf *kbtf = open_types(session);
	struct error *error = check_identity(kbtf, &session->bundle.manifest);

	if (!error)
		error = check_features(kbtf, session->bundle.manifest.features);
	kbtf_free(kbtf);
	return error;
}

struct error *translate_finish(struct session *session)
{
	const struct options *options = session->options;
	bool saved = session->compile.pid == 0;
	const void *data = session->request.text;
	size_t size = session->request.length;
	struct error *error = saved ? NULL : compile_finish(&session->compile, &data, &size);

	if (!error && translate_only(options)) {
		session->progress = PROGRESS_FINISHED;
		return write_answer(options, data, size);
	}
	if (!error)
		error = bundle_read(data, size, &session->arena, &session->bundle);
	if (!error)
		error = bundle_check_helpers(&session->bundle, options->unsafe);
	if (!error && saved)
		error = check_kernel(session);
	return error && saved ? error_prefix(error, "%s", session->request.name) : error;
}
