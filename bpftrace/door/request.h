/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The request of the runner: one JSON object on the compiler's standard input, which ends at the
 * end of input or, on a socket, at a NUL, after which the socket carries requests for files
 * (opening.h). The answer is the bundle (or, for dumps and listings, text) on its standard output,
 * diagnostics on its standard error, and exit status 0, or 1 when the script was refused.
 */
#pragma once

#include <stdint.h>

#include "libcommon/base/vec.h"
#include "libcommon/host/host.h"
#include "settings.h"

enum request_answer {
	ANSWER_BUNDLE,
	ANSWER_DUMP,    /* -d, -dd, -d STAGE */
	ANSWER_IR,      /* --emit-llvm: before and after optimisation */
	ANSWER_LIST,    /* the attach points, one a line */
	ANSWER_FORMAT,  /* the script in its standard form */
	ANSWER_OPTIONS, /* what getopt() declares: JSON of script_options_to_json */
};

enum { REQUEST_END = '\0' };

typedef VEC(const char *) request_texts;

struct request {
	const char *name; /* of the script in messages: "stdin" for -e, or the file name */
	const char *text;
	size_t length;
	request_texts parameters; /* $1 … $N */
	struct settings settings;
	enum request_answer answer;
	int dump_level;           /* 1 for -d, 2 for -dd */
	const char *dump_pass;    /* names of passes with commas, NULL for those of the level; with
				     another answer than ANSWER_DUMP that follows the dump (dump.h) */
	const char *probe_filter; /* --probe-filter, NULL: none */
	const char *traceable;    /* text of --traceable-functions, NULL: the kernel's list */
	bool unsafe;
	bool keep;           /* the bundle will be saved: note in it which kernel it is for */
	bool has_child;      /* -c was given */
	bool pid_namespace;  /* the runner is in another pid namespace than the initial one */
	int helper_errors;   /* -k: 1, -kk: 2 */
	const char *program; /* path of what -c runs, NULL when there is none */
	int32_t pid;         /* -p, 0 when none */
	int verbose;
	bool no_warnings;
	bool colored; /* diagnostics */
	/* When the runner began to wait, in milliseconds of CLOCK_MONOTONIC: it may show progress
	 * in the last line of the terminal, which diagnostics erase first; 0: it shows none. */
	uint64_t waits_since;
	uint64_t features; /* bit set of libcommon/host/feature.h, already without --no-feature ones
			    */
	request_texts include_dirs;  /* -I */
	request_texts include_files; /* --include */
	const char *debug_dirs;      /* --debuginfo, as elf/debugdirs.h has it; NULL: none */
	const char *root;            /* where the files of the system are found, "/" */
	const char *arch;            /* of that system, as uname -m; NULL: that of its files */
	const struct host_opener
		*opener; /* not sent: opens files that the compiler may not; NULL: none */
};

/* The settings of an empty request. Texts of a request are borrowed or in the reader's arena. */
struct request request_init(void);
void request_deinit(struct request *request); /* the vectors */

json_t *request_to_json(const struct request *request);
struct error *request_from_json(const json_t *json, struct arena *arena, struct request *ret);
