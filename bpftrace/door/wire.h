/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of JSON objects that another program wrote. The first error is kept and everything
 * read after it is empty, so that a reader is a list of members with one check at its end:
 *
 *	struct wire wire = wire_start(json, "request", arena);
 *	ret.name = wire_text(&wire, "name");
 *	ret.pid = wire_number(&wire, "pid", 0, INT32_MAX);
 *	return wire.error;
 *
 * Texts are JSON strings, or {"hex": "…"} where their bytes are not valid UTF-8, so that every byte
 * arrives. 64-bit numbers above INT64_MAX are written as the negative number of the same bits.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/arena.h"
#include "libcommon/base/error.h"
#include "libcommon/base/json.h"

struct wire {
	const json_t *object; /* borrowed */
	const char *what;     /* of the object, for messages */
	struct arena *arena;  /* where texts go */
	struct error *error;  /* the first one; the caller's */
};

/* Starts reading json, which must be an object. */
struct wire wire_start(const json_t *json, const char *what, struct arena *arena);

/* Records an error; the first one is kept. */
void wire_fail(struct wire *wire, const char *format, ...) _printf_(2, 3);

/* Required members; on failure 0, false or "". Texts must not hold NUL bytes, bytes may. */
uint64_t wire_number(struct wire *wire, const char *key, uint64_t least, uint64_t most);
uint64_t wire_bits(struct wire *wire, const char *key); /* any 64 bits */
bool wire_bool(struct wire *wire, const char *key);
const char *wire_text(struct wire *wire, const char *key);
const char *wire_bytes(struct wire *wire, const char *key, size_t *ret_length);

/* NULL when the member is missing. */
const char *wire_optional_text(struct wire *wire, const char *key);

/* A required array of at most limit elements, an object; NULL on failure, which has no elements. */
const json_t *wire_array(struct wire *wire, const char *key, size_t limit);
const json_t *wire_object(struct wire *wire, const char *key);

/* The text of an array's element; what names it in the error. */
const char *wire_text_of(struct wire *wire, const json_t *json, const char *what);

/* A text of any bytes as JSON; never NULL. */
json_t *wire_text_to_json(const void *data, size_t size);
