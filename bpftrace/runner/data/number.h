/* SPDX-License-Identifier: Apache-2.0 */
/* 64-bit integers that carry their signedness beside them, as values of scripts do. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcommon/base/str.h"

/* Appends 0x and the hexadecimal digits. */
void number_append_address(struct str *out, uint64_t value);

/* As C divides; a divisor of 0 stands for "none". */
uint64_t number_divide(uint64_t value, bool is_signed, uint64_t divisor);

/* A word that sorts, unsigned, as the number does. */
uint64_t number_order(uint64_t value, bool is_signed);

/* The integer of 1, 2, 4 or 8 bytes at data, extended to 64 bits. */
uint64_t number_read(const void *data, size_t size, bool is_signed);
