/* SPDX-License-Identifier: Apache-2.0 */
/* What literals are worth: a token's span and the text that begins there in, the value out. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcommon/base/arena.h"
#include "libcommon/base/diag.h"

/* Where a string is expected but a word or a character is found, as when the shell removed the
 * quotes.
 */
#define HINT_QUOTES "text stands in double quotes; put the program in single quotes"

/*
 * Decimal with "_" between digits and a whole positive exponent, octal after 0, hexadecimal after
 * 0x; then one of C's suffixes u, l, ll, which mean nothing here, or (decimal only) a unit of time:
 * ns us ms s m h d. *ret_unit is the unit, NULL for none; *ret_value is then in nanoseconds. False:
 * reported.
 */
bool literal_integer(struct diags *diags, struct span span, const char *text, uint64_t *ret_value,
	const char **ret_unit);

/* 'a' or '\n', with its quotes; the value is its byte. False: reported. */
bool literal_character(
	struct diags *diags, struct span span, const char *text, uint64_t *ret_value);

/*
 * The bytes between the quotes with the escapes of C resolved, NUL-terminated in arena. Bad escapes
 * are reported, each at its place, and left out; then it returns false, but with a text.
 */
bool literal_string(struct arena *arena, struct diags *diags, struct span span, const char *text,
	const char **ret_text, size_t *ret_length);
