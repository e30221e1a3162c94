/* SPDX-License-Identifier: Apache-2.0 */
/* Where Rust puts structs; see convention.h. */
#pragma once

#include "convention.h"

/* Those of one or two numbers are in as many registers; larger ones are in memory, at an address.
 * Others are placed as it pleases the compiler: then *ret_count is 0. */
struct operand convention_rust(const struct convention *convention, uint32_t type,
	const uint16_t *offsets, uint32_t *ret_count);
