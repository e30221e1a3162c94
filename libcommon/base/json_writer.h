/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON that is written piece by piece, on one line, with integers of all 64 bits (jansson has none
 * above INT64_MAX) and texts of any bytes. Commas are the writer's: a value, or a name and its
 * value, are written one after the other. The caller may empty out at any time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

struct json_writer {
	struct str *out;
	bool has_before; /* a comma is due before the next name or value */
};

/* bracket: '{' or '['; '}' or ']'. */
void json_write_begin(struct json_writer *writer, char bracket);
void json_write_end(struct json_writer *writer, char bracket);

/* The name of the member whose value comes next. */
void json_write_name(struct json_writer *writer, const void *name, size_t size);
#define json_write_member(writer, name) json_write_name((writer), (name), strlen(name))

/* Bytes that are not valid UTF-8 become U+FFFD; control characters (C0, DEL, C1) are escaped. */
void json_write_string(struct json_writer *writer, const void *data, size_t size);
void json_write_boolean(struct json_writer *writer, bool value);
void json_write_integer(struct json_writer *writer, uint64_t value, bool is_signed);

/* Six digits; null for what JSON has no number for (NaN and the infinities). */
void json_write_real(struct json_writer *writer, double value);
