/* SPDX-License-Identifier: Apache-2.0 */
/* Additions to jansson: cleanup, and strings of bytes that need not be valid UTF-8. */
#pragma once

#include <jansson.h>

#include "error.h"
#include "str.h"

static inline void cleanup_json(json_t **json)
{
	json_decref(*json);
}

#define _cleanup_json_ _cleanup_(cleanup_json)

/* A JSON string of any bytes: what is not valid UTF-8 becomes U+FFFD. Never NULL. */
json_t *json_text(const void *data, size_t size);

/* Parses size bytes; nesting is limited by jansson. The caller owns *ret. */
struct error *json_parse(const void *data, size_t size, json_t **ret);

/* Appends the value on one line ("key": value, separated by ", ", in insertion order). */
void json_append(const json_t *json, struct str *out);
