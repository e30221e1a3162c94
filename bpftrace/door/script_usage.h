/* SPDX-License-Identifier: Apache-2.0 */
/* What --help of a script shows, from its header comment and its options. */
#pragma once

#include "script_options.h"

/* The first sentence of the comment that the text begins with, on one line; lines with a license or
 * a copyright are not looked at. Appends nothing when there is none. */
void script_sentence(const char *text, size_t length, struct str *out);

/* name: of the script's file, "stdin" when it has none. */
void script_usage(const char *name, const char *text, size_t length, const script_options *options,
	struct str *out);

/* One line for each option: name, type, default and help, separated by tabs. */
void script_options_list(const script_options *options, struct str *out);
