/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options are parsed by getopt_long(3). A row without a letter has LONG_BASE plus its index as its
 * value. Optional arguments differ from getopt's: a letter never takes the rest of its word ("-lv"
 * is -l -v), but any use without "=" takes the next word unless that is an option.
 */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "suggest.h"
#include "vec.h"

enum { LONG_BASE = 256 };

typedef VEC(char *) cli_words;

static const struct cli_option *find(const struct cli_option *options, size_t count, int value)
{
	if (value >= LONG_BASE)
		return &options[value - LONG_BASE];
	for (size_t i = 0; i < count; i++) {
		if (options[i].letter && options[i].letter == value)
			return &options[i];
	}
	return NULL;
}

/* The array ends with getopt's zeroed row; the caller frees it. */
static struct option *long_options(const struct cli_option *options, size_t count)
{
	VEC(struct option) list = {};

	for (size_t i = 0; i < count; i++) {
		if (!options[i].name)
			continue;
		struct option *row = vec_add(&list);

		row->name = options[i].name;
		row->has_arg = !options[i].argument  ? no_argument
			       : options[i].optional ? optional_argument
						     : required_argument;
		row->val = LONG_BASE + (int)i;
	}
	(void)vec_add(&list);
	return list.items;
}

static void short_options(const struct cli_option *options, size_t count, struct str *out)
{
	str_append(out, "-:"); /* return other words in order; ':' for a missing argument */
	for (size_t i = 0; i < count; i++) {
		if (!options[i].letter)
			continue;
		str_append_char(out, options[i].letter);
		if (options[i].argument && !options[i].optional)
			str_append_char(out, ':');
	}
}

static struct error *unknown_long(const struct cli_option *options, size_t count, const char *word)
{
	_cleanup_free_ char *name = xstrndup(word + 2, strcspn(word + 2, "="));
	struct suggestion suggestion = suggest_start(name);

	for (size_t i = 0; i < count; i++) {
		if (options[i].name)
			suggest_offer(&suggestion, options[i].name);
	}
	if (suggestion.best)
		return error_new(ENOENT, "unknown option '--%s', did you mean '--%s'?", name,
			suggestion.best);
	return error_new(ENOENT, "unknown option '--%s'", name);
}

/* getopt answered '?' or ':'; word is the one it read last. */
static struct error *complain(
	const struct cli_option *options, size_t count, int answer, const char *word)
{
	bool is_long = word && strncmp(word, "--", 2) == 0;
	const struct cli_option *option = optopt ? find(options, count, optopt) : NULL;

	if (!option && is_long)
		return unknown_long(options, count, word);
	if (!option)
		return error_new(ENOENT, "unknown option '-%c'", optopt);
	if (answer == ':' && optopt >= LONG_BASE)
		return error_new(EINVAL, "option '--%s' needs an argument: %s", option->name,
			option->argument);
	if (answer == ':')
		return error_new(EINVAL, "option '-%c' needs an argument: %s", option->letter,
			option->argument);
	return error_new(EINVAL, "option '--%s' takes no argument", option->name);
}

/* "-5": no option is a digit. */
static bool is_negative_number(const char *word)
{
	return word && word[0] == '-' && word[1] >= '0' && word[1] <= '9';
}

static struct error *set_option(
	const struct cli_option *option, int argc, char **argv, const char *argument, void *into)
{
	/* While letters of a word are left, optind is at that word, which begins with "-". */
	if (option->optional && !argument && optind < argc && argv[optind][0] != '-')
		argument = argv[optind++];
	return option->set(into, argument);
}

/* Calls set for each option; words receives what is none, in order. */
static struct error *parse(const struct cli_option *options, size_t count, int argc, char **argv,
	void *into, cli_words *words)
{
	_cleanup_free_ struct option *longs = long_options(options, count);
	_cleanup_str_ struct str shorts = STR_INIT;

	short_options(options, count, &shorts);
	optind = 0; /* glibc: forget an earlier parse */
	opterr = 0;
	for (;;) {
		int before = MAX(optind, 1);

		if (is_negative_number(argv[before])) {
			vec_push(words, argv[before]);
			optind = before + 1;
			continue;
		}

		int value = getopt_long(argc, argv, shorts.data, longs, NULL);

		if (value == -1)
			break;
		if (value == '?' || value == ':')
			return complain(options, count, value, argv[before]);
		if (value == 1) {
			vec_push(words, optarg);
			continue;
		}

		struct error *error =
			set_option(find(options, count, value), argc, argv, optarg, into);

		if (error)
			return error;
	}
	for (; optind < argc; optind++)
		vec_push(words, argv[optind]);
	return NULL;
}

struct error *cli_parse(const struct cli_option *options, size_t count, int argc, char **argv,
	void *into, int *ret_first)
{
	cli_words words = {};
	struct error *error = parse(options, count, argc, argv, into, &words);

	if (!error) {
		*ret_first = argc - (int)words.count;
		for (size_t i = 0; i < words.count; i++)
			argv[*ret_first + (int)i] = words.items[i];
	}
	vec_deinit(&words);
	return error;
}

int cli_first_word(
	const struct cli_option *options, size_t count, int argc, char **argv, char letter)
{
	_cleanup_free_ struct option *longs = long_options(options, count);
	_cleanup_str_ struct str shorts = STR_INIT;
	int value;

	short_options(options, count, &shorts);
	optind = 0;
	opterr = 0;
	while ((value = getopt_long(argc, argv, shorts.data, longs, NULL)) != 1) {
		const struct cli_option *option = value < 0 ? NULL : find(options, count, value);

		if (!option || value == letter)
			return argc;
		if (option->optional && !optarg && optind < argc && argv[optind][0] != '-')
			optind++;
	}
	return optind - 1;
}

bool cli_knows(const struct cli_option *options, size_t count, const char *word)
{
	size_t length = strcspn(word, "=");

	for (size_t i = 0; i < count; i++) {
		if (options[i].name && length == strlen(options[i].name) + 2 &&
			strncmp(options[i].name, word + 2, length - 2) == 0)
			return true;
	}
	return false;
}

static void spelling(const struct cli_option *option, struct str *out)
{
	str_append(out, "    ");
	if (option->letter)
		str_printf(out, "-%c", option->letter);
	if (option->letter && option->name)
		str_append(out, ", ");
	if (option->name)
		str_printf(out, "--%s", option->name);
	if (option->argument)
		str_printf(out, option->optional ? " [%s]" : " %s", option->argument);
}

struct error *cli_process(const char *argument, int32_t *ret)
{
	char *end = NULL;

	errno = 0;

	long pid = strtol(argument, &end, 10);

	if (errno || end == argument || *end || pid <= 0 || pid > INT32_MAX)
		return error_new(EINVAL, "-p takes the number of a process, not '%s'", argument);
	*ret = (int32_t)pid;
	return NULL;
}

void cli_help(const struct cli_option *options, size_t count, struct str *out)
{
	_cleanup_str_ struct str left = STR_INIT;
	size_t widest = 0;

	for (size_t i = 0; i < count; i++) {
		str_truncate(&left, 0);
		spelling(&options[i], &left);
		widest = MAX(widest, left.length);
	}
	for (size_t i = 0; i < count; i++) {
		str_truncate(&left, 0);
		spelling(&options[i], &left);
		str_printf(out, "%-*s  %s", (int)widest, str_text(&left), options[i].help);
		if (options[i].choices) {
			str_append(out, ": ");
			options[i].choices(out);
		}
		str_append_char(out, '\n');
	}
}
