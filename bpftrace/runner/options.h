/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of bpftrace. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bpftrace/door/request.h"
#include "libcommon/base/error.h"
#include "libcommon/base/str.h"
#include "libcommon/base/vec.h"

enum command {
	COMMAND_RUN, /* also for the dumps and files that end a run early */
	COMMAND_HELP,
	COMMAND_HELP_FUNCTIONS,
	COMMAND_VERSION,
	COMMAND_INFO,
	COMMAND_LIST,
	COMMAND_FORMAT,
	COMMAND_LIST_OPTIONS, /* of the script */
	COMMAND_SCRIPT_HELP,
};

/* Texts are those of argv. -q, -v and --no-warnings set log_settings instead. */
struct options {
	enum command command;

	const char *text; /* -e */
	const char *file; /* "-": standard input; NULL with -e and when no program was given */
	char *const *parameters;
	size_t parameter_count;
	VEC(char *) script_words; /* of them, those in front of "--"; then all */
	struct str script;        /* the text of file, if it had to be read already */
	bool has_script;

	const char *buffering; /* NULL when not given, as all texts below */
	const char *format;
	const char *output;
	const char *emit_elf;
	const char *emit_llvm;
	const char *search;    /* of -l */
	char *joined;          /* the search, if it was two operands; owned */
	const char *child;     /* -c */
	const char *compat;    /* --compat: a word of that setting */
	const char *dump_pass; /* names of stages, separated by commas */
	const char *probe_filter;
	const char *traceable; /* --traceable-functions */
	int dump_level;
	int helper_errors;
	int32_t pid; /* -p, 0 when not given */
	bool unsafe;
	bool dry_run;
	bool format_write; /* -w */
	bool format_check; /* --check */
	bool show_control_chars;
	uint64_t disabled_features;
	request_texts include_dirs;
	request_texts include_files;
	struct str debug_dirs; /* empty: none */
};

/* Parses the command line. Errors name the option and its choices. *ret is owned by the caller:
 * options_deinit. */
struct error *options_parse(int argc, char **argv, struct options *ret);
void options_deinit(struct options *options);

/* Decides what these words are: the script, its parameters, or the search of -l. */
void options_operands(struct options *options, char **words, int count);

/* Appends the text of --help. */
void options_usage(struct str *out);
