/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How min() and max() keep their value: as a rank, an unsigned number that grows the further the
 * value goes in the wanted direction, signed or not. The rank 0 is the least of all, so the zeros
 * that a new element consists of need no special case, and an update is "raise to at least".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* rank = value ^ mask, value = rank ^ mask. */
static inline uint64_t extreme_mask(bool is_min, bool is_signed)
{
	uint64_t sign = is_signed ? (uint64_t)INT64_MIN : 0;

	return is_min ? ~sign : sign;
}
