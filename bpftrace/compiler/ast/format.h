/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The standard form of a script. Comments, texts in C, the spelling of numbers and strings, and
 * what the script means stay as they are: only blanks, line ends, semicolons and parentheses of
 * conditions change.
 */
#pragma once

#include "ast.h"
#include "libcommon/base/str.h"

/* Appends the formatted text of a source that was parsed without a mistake. */
void format_script(
	struct program *program, const struct diags *diags, uint32_t source, struct str *out);

/* Whether two scripts have the same tree; spans may differ. */
bool format_keeps(struct program *before, struct program *after);
