/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in words of a command line, and the units of time that may follow a number. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal, 0x… or 0…, perhaps behind a minus, which *ret includes (two's complement). False for any
 * other text, and for what does not fit in 64 bits. */
bool numeral_parse(const char *text, bool *ret_minus, uint64_t *ret);

/* As numeral_parse, but a decimal number may be followed by a unit of time: "5s" is 5000000000. */
bool numeral_parse_duration(const char *text, bool *ret_minus, uint64_t *ret);

/* A unit of time, ns us ms s m h d, by its length bytes at name: its spelling, and how many
 * nanoseconds it has; NULL when it is none. */
const char *numeral_unit(const char *name, size_t length, uint64_t *ret);
