/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text, as print() shows them. */
#pragma once

#include "bpftrace/runner/data/sink.h"
#include "libcommon/base/str.h"

enum { TEXT_SINK_BLANKS = 8 }; /* before a frame of a stack, but in keys of old scripts */

struct text_sink {
	struct sink sink; /* to be described to; first, so that a sink is its text_sink */
	struct str *out;
	bool escapes;              /* control characters of texts, for a terminal */
	const char *key_separator; /* between the parts of a key */
	bool is_key;               /* a map's key is described */
	unsigned depth;            /* of groups; histograms inside of one are on its line */
};

/* A sink that appends to out. */
struct text_sink text_sink(struct str *out, bool escapes);

/* Appends the bytes of a text; is_own as in sink_ops. Those of raw are not escaped. */
void text_sink_append(
	struct text_sink *text, const void *data, size_t size, bool is_own, const char *raw);

/* Appends a stack behind a newline: lines that are indented by so many blanks or, of a table, by a
 * tab. */
void text_sink_append_stack(
	struct text_sink *text, const struct sink_stack *stack, unsigned blanks);

/* Appends what a bucket counts: "(..., 0)", "[5]", "[8, 16)" or "[10, ...)": the upper bound shown
 * is excluded. */
void text_sink_append_label(
	struct str *out, const struct histogram *histogram, const struct bucket *bucket);

/* The ops of such a sink, for formats that differ in some. */
extern const struct sink_ops text_sink_ops;
