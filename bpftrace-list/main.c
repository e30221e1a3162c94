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

#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "libcommon/host/kbtf.h"
#include "libcommon/host/procfs.h"
#include "listing.h"
#include "options.h"

static _noreturn_ void out_of_memory(void)
{
	log_error("out of memory");
	exit(1);
}

/* Tells the error, frees it, and returns the status that goes with it. */
static int fail(struct error *error)
{
	log_error("%s", error->message);
	if (error->number == EACCES && geteuid() != 0)
		log_hint("root may look");
	error_free(error);
	return 1;
}

/* The pattern at *words up to a comma outside of quotes, without blanks around it. */
static const char *next_pattern(struct arena *arena, const char **words)
{
	const char *begin = *words + strspn(*words, " ");
	const char *end = begin;
	bool quoted = false;

	for (; *end && (quoted || *end != ','); end++) {
		if (*end == '"')
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
		struct error *error = *pattern ? listing_show(listing, pattern, &suggestion) : NULL;

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
		struct error *error = listing_all(listing);

		return error ? fail(error) : 0;
	}
	vec_for_each (&options->patterns, word)
		status |= show_word(listing, *word);
	return status;
}

static int list(const struct options *options)
{
	_cleanup_host_ struct host host = HOST_INIT;
	struct error *error = host_open_root("/", &host);

	if (error)
		return fail(error);
	if (options->pid && !procfs_has_process(&host, options->pid))
		return fail(error_system(ESRCH, "process %d", options->pid));

	struct kbtf *kbtf = kbtf_new(&host, getenv("BPFTRACE_BTF"));
	struct functions *functions = functions_new(&host);
	struct probe_world world = {
		.host = &host, .kbtf = kbtf, .functions = functions, .pid = options->pid};
	struct listing listing = listing_make(&world, options->format);

	listing.detail = options->verbose;
	listing.types_file = options->types_file;

	int status = show(&listing, options);

	listing_deinit(&listing);
	functions_free(functions);
	kbtf_free(kbtf);
	return status;
}

int main(int argc, char **argv)
{
	struct options options;

	alloc_set_failed(out_of_memory);
	libbpf_set_print(NULL); /* what it has to say comes back as errors */

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
