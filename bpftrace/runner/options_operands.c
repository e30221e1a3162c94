/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the command line that are no options. One after "-d" may be the script's name instead of
 * a stage, one after "-l" a script instead of a search. */
#include <string.h>
#include <unistd.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "options.h"

/* Stages of loading, which -v shows. */
static void show_later_stages(const struct options *options)
{
	const char *stages = options->dump_pass ? options->dump_pass : "";

	if (strstr(stages, "libbpf"))
		log_settings.verbose = MAX(log_settings.verbose, 2);
	if (strstr(stages, "verifier"))
		log_settings.verbose = MAX(log_settings.verbose, 1);
}

/* "-d x.bt": the argument of -d is the program if there is no other. */
static bool dump_took_program(const struct options *options, int words)
{
	if (!options->dump_pass || options->text)
		return false;
	return words == 0 || access(options->dump_pass, F_OK) == 0;
}

static void assign_operands(struct options *options, char **words, int count)
{
	if (dump_took_program(options, count)) {
		options->file = options->dump_pass;
		options->dump_pass = NULL;
	} else if (!options->text && count > 0) {
		options->file = *words++;
		count--;
	}
	show_later_stages(options);
	if (!options->script_words.count) {
		options->parameters = words;
		options->parameter_count = (size_t)count;
		return;
	}
	for (int i = 0; i < count; i++)
		vec_push(&options->script_words, words[i]);
	options->parameters = options->script_words.items;
	options->parameter_count = options->script_words.count;
}

/* "-l struct file" without quotes are two operands. */
static bool is_type_keyword(const char *word)
{
	static const char *const keywords[] = {"struct", "union", "enum", "typedef"};

	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		if (strcmp(keywords[i], word) == 0)
			return true;
	}
	return false;
}

/* "-lv PATTERN": with a letter after -l the search is an operand. "-l FILE" is about the program in
 * FILE. */
static void resolve_list_operand(struct options *options)
{
	if (options->text)
		return;
	if (!options->search && options->parameter_count > 0 && is_type_keyword(options->file)) {
		options->search = options->file; /* "-lv struct file" */
		options->file = options->parameters[0];
	}
	if (options->search && options->file && is_type_keyword(options->search)) {
		options->joined = xasprintf("%s %s", options->search, options->file);
		options->search = options->joined;
		options->file = NULL;
		return;
	}
	if (options->search && access(options->search, F_OK) == 0) {
		options->file = options->search;
		options->search = NULL;
	} else if (!options->search && options->file && access(options->file, F_OK) != 0) {
		options->search = options->file;
		options->file = NULL;
	}
}

void options_operands(struct options *options, char **words, int count)
{
	assign_operands(options, words, count);
	if (options->command == COMMAND_LIST)
		resolve_list_operand(options);
}
