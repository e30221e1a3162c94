/* SPDX-License-Identifier: Apache-2.0 */
/* The words that lines of a C preprocessor begin with, behind the #. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

bool directive_is(const char *word, size_t length);

/* The one that the word at the beginning of a text is nearly; NULL: none. */
const char *directive_like(const char *text, size_t length);

/* Whether a line, behind the #, is of those that number lines: "line 33", " 33 \"file\"". */
bool directive_numbers_lines(const char *text, size_t length);
