/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text and as JSON, by their BTF type. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpftrace/runner/session.h"
#include "libcommon/base/str.h"

struct aggregate;

/* What a value needs to be rendered beside its type. */
struct render {
	const struct session *session; /* types, and names of probes */
	const void *record;            /* with strings in its tail; NULL when there is none */
	size_t record_size;
	uint64_t divisor; /* of a number that is the whole value; 0 and 1: none */
};

/* Append the value of types_size(type) bytes at data as print() shows it. */
void render_text(const struct render *render, uint32_t type, const void *data, struct str *out);
void render_json(const struct render *render, uint32_t type, const void *data, struct str *out);

/* Appends a map's key as text: the parts of a tuple without its parentheses. */
void render_key(const struct render *render, uint32_t type, const void *data, const char *separator,
	struct str *out);

/*
 * The bytes of a value that is a text: a string, the name of a probe or function, or one in the
 * record's tail. NULL for other types. Not NUL-terminated; points into data, record or manifest,
 * or to a buffer that is valid until the next call.
 */
bool render_has_bytes(const struct types *types, uint32_t type);
const char *render_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length);

/* Appends a JSON string. */
void render_quoted(const void *data, size_t size, struct str *out);
