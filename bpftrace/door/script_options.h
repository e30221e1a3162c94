/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of scripts: getopt("name", DEFAULT, "help"). Their values are bytes of the section
 * SECTION_OPTIONS, in which the bundle has the defaults. Compiler and runner both divide the words
 * of the command line: the compiler for the positional parameters, the runner for the values, which
 * it sets before loading.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/arena.h"
#include "libcommon/base/error.h"
#include "libcommon/base/json.h"
#include "libcommon/base/str.h"
#include "libcommon/base/vec.h"

enum script_option_kind {
	SCRIPT_OPTION_BOOL,
	SCRIPT_OPTION_INTEGER,
	SCRIPT_OPTION_DURATION, /* an integer, in nanoseconds, whose default has a unit of time */
	SCRIPT_OPTION_STRING,
	NR_SCRIPT_OPTION_KINDS,
};

/* size is 8 of all kinds but strings, whose last byte is a NUL. */
struct script_option {
	const char *name; /* without "--" */
	enum script_option_kind kind;
	const char *preset; /* the default, as a value on the command line */
	const char *help;   /* "" when there is none */
	uint32_t offset;
	uint32_t size;
};

typedef VEC(struct script_option) script_options;
typedef VEC(const char *) script_words;

/* The words of a command line. */
struct script_arguments {
	script_words positional;
	script_words values; /* one for each option; NULL: its default */
	bool wants_help;     /* --help, of a script that has no such option itself */
};

void script_arguments_deinit(struct script_arguments *arguments);

/*
 * "--name=value", "--name value", of a bool also "--name"; all others are positional. "--" ends the
 * options. Without options all words are positional. Errors: an option that is not known, with the
 * nearest, a value that is missing or does not fit. *ret has the texts of words and options.
 */
struct error *script_options_divide(const script_options *options, const char *const *words,
	size_t count, struct script_arguments *ret);

/* Writes the value as size bytes. */
struct error *script_option_encode(
	const struct script_option *option, const char *value, void *bytes);

/* The option that a word "--name" or "--name=…" names; NULL when it names none. */
const struct script_option *script_options_find(const script_options *options, const char *word);

/* Whether the option's value may be the word behind it. */
static inline bool script_option_takes_word(const struct script_option *option)
{
	return option->kind != SCRIPT_OPTION_BOOL;
}

/* "bool", "integer" … */
const char *script_option_kind_name(enum script_option_kind kind);

json_t *script_options_to_json(const script_options *options);

/* Of hostile bytes; on success every option has a name that the command line can have, and bytes of
 * its own kind. */
struct error *script_options_from_json(
	const json_t *json, struct arena *arena, script_options *ret);
