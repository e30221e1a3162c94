/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row per option: its spelling, its line in --help and its function. What operands are is
 * decided when all of them are known (options_operands.c).
 */
#include "options.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpftrace/runner/show/show.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/cli.h"
#include "libcommon/base/color.h"
#include "libcommon/base/log.h"
#include "libcommon/elf/debugdirs.h"
#include "libcommon/host/feature.h"
#include "script_words.h"

static struct error *set_buffering(void *into, const char *argument)
{
	((struct options *)into)->buffering = argument;
	return output_check_buffering(argument);
}

static struct error *set_format(void *into, const char *argument)
{
	((struct options *)into)->format = argument;
	return output_check_format(argument);
}

static struct error *set_output(void *into, const char *argument)
{
	((struct options *)into)->output = argument;
	return NULL;
}

static struct error *set_dump(void *into, const char *argument)
{
	struct options *options = into;

	options->dump_level++;
	if (argument)
		options->dump_pass = argument;
	return NULL;
}

static struct error *given_twice(char letter)
{
	return error_new(EINVAL, "-%c is given twice", letter);
}

static struct error *set_text(void *into, const char *argument)
{
	struct options *options = into;

	if (options->text)
		return given_twice('e');
	options->text = argument;
	return NULL;
}

static struct error *set_help(void *into, const char *argument _unused_)
{
	((struct options *)into)->command = COMMAND_HELP;
	return NULL;
}

static struct error *set_help_functions(void *into, const char *argument _unused_)
{
	((struct options *)into)->command = COMMAND_HELP_FUNCTIONS;
	return NULL;
}

static struct error *set_version(void *into, const char *argument _unused_)
{
	((struct options *)into)->command = COMMAND_VERSION;
	return NULL;
}

static struct error *set_info(void *into, const char *argument _unused_)
{
	((struct options *)into)->command = COMMAND_INFO;
	return NULL;
}

static struct error *set_list(void *into, const char *argument)
{
	struct options *options = into;

	options->command = COMMAND_LIST;
	options->search = argument;
	return NULL;
}

static struct error *set_fmt(void *into, const char *argument _unused_)
{
	((struct options *)into)->command = COMMAND_FORMAT;
	return NULL;
}

static struct error *set_write(void *into, const char *argument _unused_)
{
	((struct options *)into)->format_write = true;
	return NULL;
}

static struct error *set_check(void *into, const char *argument _unused_)
{
	((struct options *)into)->format_check = true;
	return NULL;
}

static struct error *set_list_options(void *into, const char *argument _unused_)
{
	((struct options *)into)->command = COMMAND_LIST_OPTIONS;
	return NULL;
}

static struct error *set_include_dir(void *into, const char *argument)
{
	vec_push(&((struct options *)into)->include_dirs, argument);
	return NULL;
}

static struct error *set_include_file(void *into, const char *argument)
{
	vec_push(&((struct options *)into)->include_files, argument);
	return NULL;
}

static struct error *set_debuginfo(void *into, const char *argument)
{
	return debugdirs_append(argument, &((struct options *)into)->debug_dirs);
}

static struct error *set_pid(void *into, const char *argument)
{
	struct options *options = into;

	return options->pid ? given_twice('p') : cli_process(argument, &options->pid);
}

static struct error *set_child(void *into, const char *argument)
{
	struct options *options = into;

	if (options->child)
		return given_twice('c');
	options->child = argument;
	return NULL;
}

static struct error *set_quiet(void *into _unused_, const char *argument _unused_)
{
	log_settings.quiet = true;
	return NULL;
}

static struct error *set_verbose(void *into _unused_, const char *argument _unused_)
{
	log_settings.verbose++;
	return NULL;
}

static struct error *set_no_warnings(void *into _unused_, const char *argument _unused_)
{
	log_settings.no_warnings = true;
	return NULL;
}

static struct error *set_helper_errors(void *into, const char *argument _unused_)
{
	((struct options *)into)->helper_errors++;
	return NULL;
}

static struct error *set_unsafe(void *into, const char *argument _unused_)
{
	((struct options *)into)->unsafe = true;
	return NULL;
}

static struct error *set_no_feature(void *into, const char *argument)
{
	return feature_parse(argument, &((struct options *)into)->disabled_features);
}

/* Semaphores of all processes are raised by the kernel itself wherever it counts uprobe references,
 * which every supported kernel does; the option stays for scripts that give it. */
static struct error *set_nothing(void *into _unused_, const char *argument _unused_)
{
	return NULL;
}

static struct error *set_emit_elf(void *into, const char *argument)
{
	((struct options *)into)->emit_elf = argument;
	return NULL;
}

static struct error *set_emit_llvm(void *into, const char *argument)
{
	((struct options *)into)->emit_llvm = argument;
	return NULL;
}

static struct error *set_dry_run(void *into, const char *argument _unused_)
{
	((struct options *)into)->dry_run = true;
	return NULL;
}

static struct error *set_probe_filter(void *into, const char *argument)
{
	char reason[128];
	regex_t regex;
	int number = regcomp(&regex, argument, REG_EXTENDED | REG_NOSUB);

	if (number != 0) {
		regerror(number, &regex, reason, sizeof(reason));
		return error_new(EINVAL, "--probe-filter takes a regular expression, not '%s': %s",
			argument, reason);
	}
	regfree(&regex);
	((struct options *)into)->probe_filter = argument;
	return NULL;
}

static struct error *set_traceable(void *into, const char *argument)
{
	((struct options *)into)->traceable = argument;
	return NULL;
}

static struct error *set_show_control_chars(void *into, const char *argument _unused_)
{
	((struct options *)into)->show_control_chars = true;
	return NULL;
}

static struct error *set_compat(void *into, const char *argument)
{
	((struct options *)into)->compat = argument;
	return setting_check(&setting_descs[SETTING_compat], argument);
}

static struct error *set_color(void *into _unused_, const char *argument)
{
	return color_set(argument);
}

static const struct cli_option rows[] = {
	{.letter = 'B',
		.argument = "MODE",
		.help = "output buffering",
		.choices = output_bufferings,
		.set = set_buffering},
	{.letter = 'f',
		.argument = "FORMAT",
		.help = "output format",
		.choices = output_formats,
		.set = set_format},
	{.name = "output",
		.letter = 'o',
		.argument = "FILE",
		.help = "write the output to FILE",
		.set = set_output},
	{.name = "debug",
		.letter = 'd',
		.argument = "STAGE,...",
		.optional = true,
		.help = "show the syntax tree and the code, and do not run; or what STAGE made",
		.set = set_dump},
	{.letter = 'e', .argument = "'program'", .help = "execute this program", .set = set_text},
	{.name = "help", .letter = 'h', .help = "show this text", .set = set_help},
	{.name = "help-functions",
		.help = "show the functions and variables of the language",
		.set = set_help_functions},
	{.letter = 'I',
		.argument = "DIR",
		.help = "look for include files in DIR too",
		.set = set_include_dir},
	{.name = "include",
		.argument = "FILE",
		.help = "include FILE before everything else",
		.set = set_include_file},
	{.name = "debuginfo",
		.argument = "DIR[:DIR]",
		.help = "look for separate debug files in these directories first",
		.set = set_debuginfo},
	{.name = "list",
		.letter = 'l',
		.argument = "search",
		.optional = true,
		.help = "list probes, those of a program, or (with -v) a type: 'struct path'",
		.set = set_list},
	{.name = "fmt", .help = "show scripts in their standard form; do not run", .set = set_fmt},
	{.letter = 'w', .help = "with --fmt: rewrite the files instead", .set = set_write},
	{.name = "check",
		.help = "with --fmt: show the names of files in another form, with status 1",
		.set = set_check},
	{.name = "list-options",
		.help = "show the options that a script declares: name, type, default and help",
		.set = set_list_options},
	{.name = "pid",
		.letter = 'p',
		.argument = "PID",
		.help = "trace this process only, until it ends",
		.set = set_pid},
	{.name = "cmd",
		.letter = 'c',
		.argument = "'CMD'",
		.help = "run CMD once the probes are attached, and trace until it ends",
		.set = set_child},
	{.name = "probe-filter",
		.argument = "REGEX",
		.help = "only probes whose names match; BEGIN and END always",
		.set = set_probe_filter},
	{.name = "traceable-functions",
		.argument = "FILE",
		.help = "functions of the kernel are those in FILE, a line each",
		.set = set_traceable},
	{.name = "usdt-file-activation",
		.help = "activate USDT semaphores of processes that run the probed file",
		.set = set_nothing},
	{.name = "unsafe", .help = "allow functions that change what is traced", .set = set_unsafe},
	{.name = "quiet",
		.letter = 'q',
		.help = "suppress messages of bpftrace itself",
		.set = set_quiet},
	{.name = "verbose",
		.letter = 'v',
		.help = "verbose messages (-vv: more)",
		.set = set_verbose},
	{.name = "warnings",
		.letter = 'k',
		.help = "warn when a BPF helper fails (-kk: helpers that read memory too)",
		.set = set_helper_errors},
	{.name = "btf",
		.letter = 'b',
		.help = "types of the kernel are always used; accepted for older scripts",
		.set = set_nothing},
	{.name = "verify-llvm-ir",
		.help = "debug builds always do; accepted for older scripts",
		.set = set_nothing},
	{.name = "no-warnings", .help = "no warnings", .set = set_no_warnings},
	{.name = "color",
		.argument = "WHEN",
		.help = "colours of messages: auto (on a terminal), always or never",
		.set = set_color},
	{.name = "compat",
		.argument = "VERSION",
		.help = "forms of shown values: those of 0.20 or new; by default of the version "
			"that the script is for",
		.set = set_compat},
	{.name = "show-control-chars",
		.help = "write control characters of what is traced to a terminal as they are",
		.set = set_show_control_chars},
	{.name = "no-feature",
		.argument = "NAME,...",
		.help = "do without these features of the kernel (see --info)",
		.set = set_no_feature},
	{.name = "emit-elf",
		.argument = "FILE",
		.help = "write the compiled program to FILE; do not run",
		.set = set_emit_elf},
	{.name = "emit-llvm",
		.argument = "FILE",
		.help = "write the LLVM code to FILE; do not run",
		.set = set_emit_llvm},
	{.name = "dry-run", .help = "load and attach, run nothing", .set = set_dry_run},
	{.name = "info", .help = "show what kernel and build can do", .set = set_info},
	{.name = "version", .letter = 'V', .help = "show the version", .set = set_version},
};

static bool needs_program(enum command command)
{
	return command == COMMAND_RUN || command == COMMAND_FORMAT ||
	       command == COMMAND_LIST_OPTIONS;
}

static bool is_stdin(const struct options *options)
{
	return options->file && strcmp(options->file, "-") == 0;
}

static struct error *check(const struct options *options)
{
	if (options->child && options->pid)
		return error_new(EINVAL, "-c and -p exclude each other");
	if ((options->format_write || options->format_check) && options->command != COMMAND_FORMAT)
		return error_new(EINVAL, "-w and --check belong to --fmt");
	if (options->format_write && options->format_check)
		return error_new(EINVAL, "-w and --check exclude each other");
	if (options->format_write && (options->text || is_stdin(options)))
		return error_new(EINVAL, "-w rewrites files; without it the script is shown");
	if (needs_program(options->command) && !options->text && !options->file)
		return error_new(EINVAL, "no program: give a file name or -e 'program'");
	return NULL;
}

static bool is_own(const char *word)
{
	return cli_knows(rows, ARRAY_SIZE(rows), word);
}

struct error *options_parse(int argc, char **argv, struct options *ret)
{
	struct options options = {};
	int first = 0;
	int file = cli_first_word(rows, ARRAY_SIZE(rows), argc, argv, 'e');

	script_words_take(&options, file, is_own, &argc, argv);

	struct error *error = cli_parse(rows, ARRAY_SIZE(rows), argc, argv, &options, &first);

	if (!error) {
		options_operands(&options, argv + first, argc - first);
		error = check(&options);
		if (!error && options.command == COMMAND_RUN)
			error = script_words_find_help(&options);
	}
	if (error) {
		options_deinit(&options);
		return error;
	}
	*ret = options;
	return NULL;
}

void options_deinit(struct options *options)
{
	free(options->joined);
	vec_deinit(&options->script_words);
	str_deinit(&options->script);
	vec_deinit(&options->include_dirs);
	vec_deinit(&options->include_files);
	str_deinit(&options->debug_dirs);
}

static void usage_environment(struct str *out)
{
	size_t widest = 0;

	for (size_t i = 0; i < NR_SETTINGS; i++)
		widest = MAX(widest, strlen(setting_descs[i].variable));
	for (size_t i = 0; i < NR_SETTINGS; i++) {
		const struct setting_desc *row = &setting_descs[i];

		str_printf(out, "    %-*s  [default: ", (int)widest, row->variable);
		if (row->type == SETTING_NUMBER)
			str_printf(out, "%llu", (unsigned long long)row->number);
		else
			str_append(out, *row->text ? row->text : "none");
		str_printf(out, "] %s\n", row->doc);
	}
}

void options_usage(struct str *out)
{
	str_append(out, "USAGE:\n"
			"    bpftrace [options] filename [parameters]\n"
			"    bpftrace [options] -e 'program' [parameters]\n"
			"    bpftrace [options] - [parameters]    (program on standard input)\n"
			"\n"
			"OPTIONS:\n");
	cli_help(rows, ARRAY_SIZE(rows), out);
	str_append(out, "\nENVIRONMENT:\n");
	usage_environment(out);
	str_append(out, "\nEXAMPLES:\n"
			"    bpftrace -l 'tracepoint:sched:*'\n"
			"        list the scheduler's tracepoints\n"
			"    bpftrace -e 'tracepoint:syscalls:sys_enter_openat { "
			"print(str(args.filename)); }'\n"
			"        show which files are opened\n"
			"    bpftrace -e 'profile:hz:99 { @[comm] = count(); }'\n"
			"        see which programs keep the CPUs busy\n");
}
