/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the runner asks of the compiler: one JSON object on the compiler's standard input. The
 * answer is the bundle (or, for dumps and listings, text) on its standard output, diagnostics on
 * its standard error, and exit status 0, or 1 when the script was refused.
 */
#pragma once

#include <stdint.h>

#include "libcommon/base/vec.h"
#include "libcommon/host/process.h"
#include "settings.h"

enum request_answer {
	ANSWER_BUNDLE,
	ANSWER_DUMP, /* -d, -dd, -d STAGE */
	ANSWER_IR,   /* --emit-llvm: before and after optimisation */
	ANSWER_LIST, /* the attach points, one a line */
};

typedef VEC(const char *) request_texts;

struct request {
	const char *name; /* of the script in messages: "stdin" for -e, or the file name */
	const char *text;
	size_t length;
	request_texts parameters; /* $1 … $N */
	struct settings settings;
	enum request_answer answer;
	int dump_level;         /* 1 for -d, 2 for -dd */
	const char *dump_stage; /* name of a pass, NULL for those of the level */
	bool unsafe;
	bool keep;           /* the bundle will be saved: note in it which kernel it is for */
	bool has_child;      /* -c was given */
	int helper_errors;   /* -k: 1, -kk: 2 */
	const char *program; /* path of what -c runs, NULL when there is none */
	int32_t pid;         /* -p, 0 when none */
	/* What runs, which the compiler may not look at: that of -p, or of all when the script
	 * could ask for it. Roots are descriptors that the compiler inherits. */
	bool has_processes;
	struct processes processes;
	int verbose;
	bool no_warnings;
	uint64_t features; /* bit set of libcommon/host/feature.h, already without --no-feature ones
			    */
	request_texts include_dirs;  /* -I */
	request_texts include_files; /* --include */
	const char *root;            /* where the files of the system are found, "/" */
};

/* The settings of an empty request. Texts of a request are borrowed or in the reader's arena. */
struct request request_init(void);
void request_deinit(struct request *request); /* the vectors and descriptors */

json_t *request_to_json(const struct request *request);
struct error *request_from_json(const json_t *json, struct arena *arena, struct request *ret);
