/* SPDX-License-Identifier: Apache-2.0 */
/* Values by their BTF type: described to a sink, or, where they are texts, as their bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpftrace/door/bundle.h"
#include "bpftrace/runner/data/sink.h"
#include "libcommon/base/str.h"

struct aggregate;
struct names;

/* What values are read by. */
struct value_reader {
	const struct bundle *bundle; /* types, settings and the names of probes */
	struct names *names;         /* NULL: what has a name is shown by number */
	struct str spelled;          /* scratch of value_bytes */
	bool names_functions;        /* frames are names alone, unless addresses are asked for */
	bool takes_frames;           /* the format has a form for frames of stacks */
};

struct value {
	struct value_reader *reader;
	uint32_t type;
	const void *data; /* as many bytes as the type has; need not be aligned */
	/* That holds the value, with strings in its tail; NULL for values of maps. */
	const void *record;
	size_t record_size;
	/* Of the type, if it is one of a map's values: data is aligned then. Else NULL. */
	const struct aggregate *aggregate;
	uint64_t divisor; /* of a value that is one number or an aggregation; 0 and 1: none */
};

/* Whether values that are stacks are described by their frames instead of lines. */
static inline bool value_has_frames(const struct value_reader *reader)
{
	return reader->takes_frames && reader->bundle->manifest.settings.json_frames;
}

void value_reader_deinit(struct value_reader *reader);

/* Describes the value, or a map's key: a tuple's members are the parts of a SINK_KEY. */
void value_describe(const struct value *value, struct sink *sink);
void value_describe_key(const struct value *value, struct sink *sink);

/* Appends the value as print() shows it; for a terminal control characters are escaped. */
void value_append_text(const struct value *value, bool escapes, struct str *out);

/*
 * The bytes of a value that is a text: a string, the name of a probe or function, or one in the
 * record's tail. NULL for other types. Not NUL-terminated; points into data, record or manifest,
 * or to a buffer of the reader that is valid until the next call.
 */
bool value_is_text(const struct types *types, uint32_t type);
const char *value_bytes(const struct value *value, size_t *ret_length);

/* Whether texts of the type are the script's own, as is the text of strftime() around its digits:
 * their control characters are meant. */
bool value_is_own_text(const struct types *types, uint32_t type);
