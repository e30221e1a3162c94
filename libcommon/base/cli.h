/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command line options from a table: one row gives the parser, --help, and (through --help) the
 * tests that compare it with man page and completion. Parsing is getopt_long(3)'s.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "str.h"

struct cli_option {
	const char *name;     /* long name without "--", or NULL */
	char letter;          /* short option, or 0 */
	const char *argument; /* name of the argument in the help, NULL when it takes none */
	bool optional; /* the argument may be left out; given as --name=ARG or as the next word */
	const char *help; /* one line */
	/* Called for each use with the argument, NULL if none; into is cli_parse's. */
	struct error *(*set)(void *into, const char *argument);
	/* Appends what the argument may be, "a, b or c", behind the help; NULL for anything. */
	void (*choices)(struct str *out);
};

/*
 * Calls set for each option of argv, wherever it stands before a "--", then moves the words that
 * are none to the end of argv, in their order, and stores the index of the first in *ret_first
 * (argc: there are none). "-5" is such a word. error->number is ENOENT for an unknown option,
 * EINVAL or that of set for invalid use of one.
 */
struct error *cli_parse(const struct cli_option *options, size_t count, int argc, char **argv,
	void *into, int *ret_first);

/* The index of the first word that is neither an option nor the argument of one: argc when there is
 * none, or when an option with the given letter or an unknown one stands in front of it. */
int cli_first_word(
	const struct cli_option *options, size_t count, int argc, char **argv, char letter);

/* Whether a word "--name" or "--name=…" is an option that is spelled out: an abbreviation
 * could as well be a mistake in another program's option. */
bool cli_knows(const struct cli_option *options, size_t count, const char *word);

/* The argument of -p as a process id. */
struct error *cli_process(const char *argument, int32_t *ret);

/* Appends one line per option, aligned: "    -B MODE        output buffering …". */
void cli_help(const struct cli_option *options, size_t count, struct str *out);
