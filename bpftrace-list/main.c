/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpftrace-list: shows the probes that scripts can use here, their arguments, and the kernel's
 * types. It attaches nothing.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "definition.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/color.h"
#include "libcommon/base/log.h"
#include "libcommon/base/startup.h"
#include "libcommon/elf/debugdirs.h"
#include "libcommon/host/kbtf.h"
#include "libcommon/host/pidns.h"
#include "libcommon/host/procfs.h"
#include "libcommon/probes/programs.h"
#include "listing.h"
#include "options.h"
#include "progress.h"
#include "trial.h"

static _noreturn_ void out_of_memory(void)
{
	log_error("out of memory");
	exit(1);
}

/* Logs the error, frees it, and returns the exit status. */
static int fail(struct error *error)
{
	log_error("%s", error->message);
	if (error->number == EACCES && geteuid() != 0 && !strstr(error->message, "root or CAP_"))
		log_hint("run it as root");
	error_free(error);
	return 1;
}

/* Reads the pattern at *words up to a comma outside of quotes; trims blanks. */
static const char *next_pattern(struct arena *arena, const char **words)
{
	const char *begin = *words + strspn(*words, " ");
	const char *end = begin;
	bool quoted = false;

	for (; *end && (quoted || *end != ','); end++) {
		if (*end == '\\' && (end[1] == '"' || (quoted && end[1])))
			end++;
		else if (*end == '"')
			quoted = !quoted;
	}
	*words = *end ? end + 1 : end;
	while (end > begin && end[-1] == ' ')
		end--;
	return arena_strndup(arena, begin, (size_t)(end - begin));
}

static int show_word(struct listing *listing, const char *word)
{
	int status = 0;

	while (*word) {
		const char *pattern = next_pattern(&listing->arena, &word);
		struct suggestion suggestion = {};
		struct error *error = NULL;

		progress_set(arena_printf(&listing->arena, "listing %s", pattern));
		if (*pattern)
			error = listing_show(listing, pattern, &suggestion);
		progress_set(NULL);

		if (!error)
			continue;
		status = fail(error);
		if (suggestion.best)
			log_hint("did you mean '%s'?", suggestion.best);
	}
	return status;
}

static int show(struct listing *listing, const struct options *options)
{
	const char **word;
	int status = 0;

	if (options->patterns.count == 0) {
		progress_set("listing all probes");

		struct error *error = listing_all(listing);

		progress_set(NULL);

		return error ? fail(error) : 0;
	}
	vec_for_each (&options->patterns, word) {
		const char *text = *word;

		/* "struct file" without quotes is two words. */
		if (word != vec_last(&options->patterns) && definition_is_keyword(text)) {
			word++;
			text = arena_printf(&listing->arena, "%s %s", text, *word);
		}
		status |= show_word(listing, text);
	}
	return status;
}

/* Missing mounts are no error: functions of files and timers can be listed without them. */
static void warn_of_mounts(const struct host *host)
{
	_cleanup_error_ struct error *error = procfs_check_mounts(host);

	if (error)
		log_warning("%s", error->message);
}

static int list(const struct options *options)
{
	_cleanup_host_ struct host host = HOST_INIT;
	struct error *error = host_open_root("/", &host);

	if (error)
		return fail(error);
	warn_of_mounts(&host);
	debugdirs_use(str_text(&options->debug_dirs));

	int32_t pid = options->pid ? pidns_shown(&host, options->pid) : 0;

	error = pid ? procfs_check_process(&host, pid) : NULL;
	if (error)
		return fail(error);

	struct kbtf *kbtf = kbtf_new(&host, getenv("BPFTRACE_BTF"));
	struct functions *functions = functions_new(&host);

	if (options->traceable.length)
		functions_list(functions, str_text(&options->traceable));

	struct programs *programs = programs_new();
	struct probe_world world = {.host = &host,
		.kbtf = kbtf,
		.functions = functions,
		.programs = programs,
		.pid = pid};

	/* Types of a file are not those of this kernel; -v shows also what the kernel refuses. */
	if (!getenv("BPFTRACE_BTF") && options->verbose == 0) {
		world.refuses = trial_refuses;
		world.refuses_context = kbtf;
	}

	struct listing listing = listing_make(&world, options->format);

	progress_start();

	listing.detail = options->verbose;
	listing.types_file = options->types_file;

	int status = show(&listing, options);

	listing_deinit(&listing);
	programs_free(programs);
	functions_free(functions);
	kbtf_free(kbtf);
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
	struct options options;

	startup();
	warn_of_color(color_decide());
	alloc_set_failed(out_of_memory);
	libbpf_set_print(NULL); /* its errors are returned */

	struct error *error = options_parse(argc, argv, &options);

	if (error)
		return fail(error);

	int status = 0;

	if (options.help) {
		_cleanup_str_ struct str text = STR_INIT;

		options_help(&text);
		fputs(str_text(&text), stdout);
	} else if (options.version) {
		puts("bpftrace-list v" VERSION);
	} else {
		status = list(&options);
	}
	options_deinit(&options);
	if (fflush(stdout) != 0 || ferror(stdout))
		return fail(error_system(errno, "cannot write"));
	return status;
}
