/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of bpftrace-list. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/error.h"
#include "libcommon/base/str.h"
#include "libcommon/host/host.h"

struct output_ops;

struct options {
	bool help;
	bool version;
	unsigned verbose;       /* number of -v: an enum detail */
	const char *types_file; /* NULL when none; a word of argv */
	int32_t pid;            /* 0 when none */
	struct str debug_dirs;  /* of debug files; empty: none */
	struct str traceable;   /* text of --traceable-functions */
	const struct output_ops *format;
	host_names patterns; /* words of argv, each a list of patterns separated by commas */
};

/* Parses the command line; *ret borrows from argv, the caller deinits it. Errors: EINVAL. */
struct error *options_parse(int argc, char **argv, struct options *ret);
void options_deinit(struct options *options);

/* Appends the text of --help. */
void options_help(struct str *out);
