/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a command line that are the script's own: options that it declares by getopt(). The
 * compiler, which alone reads scripts, is asked for these; but only where a word could be one.
 */
#pragma once

#include "options.h"

/*
 * Takes options of the script that stand behind its file, before any "--", out of argv, with their
 * values: into options->script_words. first is the index of the file. Words for which is_own
 * returns true stay, unless the script declares them.
 */
void script_words_take(struct options *options, int first, bool (*is_own)(const char *word),
	int *argc, char **argv);

/* Changes the command to COMMAND_SCRIPT_HELP when the words ask a script with options for it. */
struct error *script_words_find_help(struct options *options);

/* Appends the answers to --help of the script and to --list-options. */
struct error *script_words_usage(struct options *options, struct str *out);
struct error *script_words_list(struct options *options, struct str *out);
