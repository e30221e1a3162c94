/* SPDX-License-Identifier: Apache-2.0 */
/* A part of a text that is owned by something else and does not end at a NUL. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct slice {
	const char *begin;
	size_t length;
};

/* Whether it is this text, begins with it, or contains it. */
bool slice_is(struct slice slice, const char *text);
bool slice_begins(struct slice slice, const char *text);
bool slice_contains(struct slice slice, const char *text);

/* Without white space at both ends. */
struct slice slice_trim(struct slice slice);
