/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Colours of messages on standard error, as ECMA-48 sequences. Whether colours are used is decided
 * once per process; a process passes it to the other programs of the project that it starts.
 */
#pragma once

#include <stdbool.h>

#include "error.h"
#include "str.h"

enum color {
	COLOR_ERROR,
	COLOR_WARNING,
	COLOR_PLACE, /* where in the script */
	NR_COLORS,
};

/* Whether messages have colours; false at first. */
extern bool color_used;

/*
 * Decides it for standard error: by COLOR_VARIABLE, which is "always", "never" or "auto", or, as
 * with "auto", it is a terminal that has them, and NO_COLOR is not set to anything. The error is
 * about another value, which is ignored. color_set: the same by the argument of --color.
 */
#define COLOR_VARIABLE "BPFTRACE_COLOR"
struct error *color_decide(void);
struct error *color_set(const char *when);

/* The argument of --color that results in the same decision. */
const char *color_when(void);

/* Appends what stands before and behind the coloured part of a text; nothing without colours. */
void color_begin(struct str *out, enum color color);
void color_end(struct str *out);
