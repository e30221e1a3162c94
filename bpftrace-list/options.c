/* SPDX-License-Identifier: Apache-2.0 */
/* One row per option. */
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libcommon/base/cli.h"
#include "libcommon/base/color.h"
#include "libcommon/base/io.h"
#include "libcommon/elf/debugdirs.h"
#include "output.h"

static struct error *set_help(void *into, const char *argument _unused_)
{
	((struct options *)into)->help = true;
	return NULL;
}

static struct error *set_version(void *into, const char *argument _unused_)
{
	((struct options *)into)->version = true;
	return NULL;
}

/* Accepted for compatibility with bpftrace: listing is the default here. */
static struct error *set_list(void *into _unused_, const char *argument _unused_)
{
	return NULL;
}

static struct error *set_verbose(void *into, const char *argument _unused_)
{
	((struct options *)into)->verbose++;
	return NULL;
}

static struct error *set_format(void *into, const char *argument)
{
	const struct output_ops *format = output_find(argument);

	if (!format)
		return error_new(
			EINVAL, "lists have no format '%s': -f takes text or json", argument);
	((struct options *)into)->format = format;
	return NULL;
}

static struct error *set_types_file(void *into, const char *argument)
{
	((struct options *)into)->types_file = argument;
	return NULL;
}

static struct error *set_debuginfo(void *into, const char *argument)
{
	return debugdirs_append(argument, &((struct options *)into)->debug_dirs);
}

static struct error *set_traceable(void *into, const char *argument)
{
	str_truncate(&((struct options *)into)->traceable, 0);
	return io_read_file(argument, &((struct options *)into)->traceable);
}

static struct error *set_pid(void *into, const char *argument)
{
	return cli_process(argument, &((struct options *)into)->pid);
}

static struct error *set_color(void *into _unused_, const char *argument)
{
	return color_set(argument);
}

static const struct cli_option rows[] = {
	{.name = "help", .letter = 'h', .help = "show this text", .set = set_help},
	{.name = "version", .letter = 'V', .help = "show the version", .set = set_version},
	{.letter = 'l', .help = "accepted as by bpftrace; listing is the default", .set = set_list},
	{.letter = 'v',
		.help = "with the arguments of each probe; -vv with the layout of types",
		.set = set_verbose},
	{.letter = 'f',
		.argument = "FORMAT",
		.help = "output format: text or json",
		.set = set_format},
	{.letter = 'p', .argument = "PID", .help = "list for this process", .set = set_pid},
	{.name = "color",
		.argument = "WHEN",
		.help = "colours of messages: auto (on a terminal), always or never",
		.set = set_color},
	{.name = "debuginfo",
		.argument = "DIR[:DIR]",
		.help = "look for separate debug files in these directories first",
		.set = set_debuginfo},
	{.name = "traceable-functions",
		.argument = "FILE",
		.help = "functions of the kernel are those in FILE, a line each",
		.set = set_traceable},
	{.name = "btf",
		.argument = "FILE",
		.help = "read types from this file, not from the kernel",
		.set = set_types_file},
};

struct error *options_parse(int argc, char **argv, struct options *ret)
{
	struct options options = {.format = output_find("text")};

	int first = 0;
	struct error *error = cli_parse(rows, ARRAY_SIZE(rows), argc, argv, &options, &first);

	if (error) {
		options_deinit(&options);
		return error;
	}
	for (; first < argc; first++)
		vec_push(&options.patterns, argv[first]);
	*ret = options;
	return NULL;
}

void options_deinit(struct options *options)
{
	vec_deinit(&options->patterns);
	str_deinit(&options->debug_dirs);
	str_deinit(&options->traceable);
}

void options_help(struct str *out)
{
	str_append(out, "Usage: bpftrace-list [OPTIONS] [PATTERN[,PATTERN...]]...\n\n"
			"Lists the probes whose names match; '*' stands for any characters.\n\n"
			"OPTIONS:\n");
	cli_help(rows, ARRAY_SIZE(rows), out);
	str_append(out, "\nEXAMPLES:\n"
			"    bpftrace-list '*sleep*'\n"
			"        list all probes that have \"sleep\" in their names\n"
			"    bpftrace-list -v tracepoint:syscalls:sys_enter_openat\n"
			"        show the arguments of a tracepoint\n"
			"    bpftrace-list uprobe:/bin/bash\n"
			"        list the functions of a program\n"
			"    bpftrace-list 'struct path'\n"
			"        show a type of the kernel\n"
			"    bpftrace-list -vv 'struct path'\n"
			"        show offsets and sizes of its members\n");
}
