/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 validation, and escaping of untrusted text for terminals. */
#pragma once

#include <stddef.h>

#include "str.h"

/* The length in bytes of the valid sequence that text begins with; 0 when there is none. left bytes
 * may be read. */
size_t utf8_sequence(const unsigned char *text, size_t left);

/* How many bytes at the end begin a sequence whose rest may follow in the next part of a text. */
size_t utf8_unfinished(const void *data, size_t size);

/*
 * Appends size bytes for a terminal: control characters (C0, DEL, C1 as UTF-8 has them or as single
 * bytes, and what turns the direction of text) as \n, \r, \t or \xNN, all else as it is, also what
 * is not UTF-8. Those of raw, which may be "", stay.
 */
void utf8_append_visible(struct str *out, const void *data, size_t size, const char *raw);

/* Appends size bytes as they are written to fd: escaped as above for a terminal, else unchanged. */
void utf8_append_for(struct str *out, int fd, const void *data, size_t size, const char *raw);
