/* SPDX-License-Identifier: Apache-2.0 */
/* Characters that are not seen or look like others: texts from the web and word processors have
 * them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "libcommon/base/str.h"

/* Appends what a character, a whole sequence of UTF-8, is and what to do about it, as in "an en
 * dash (U+2013); type -". False for all others. */
bool lookalike_name(const char *text, size_t length, struct str *out);

/* The same of the first such character of a text. */
bool lookalike_find(const char *text, struct str *out);

/* Returns the name of the text's encoding when that is UTF-16 or UTF-32, which a byte order mark
 * shows, or zero bytes around its first characters of ASCII; else NULL. */
const char *lookalike_encoding(const char *text, size_t length);
