/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a place in code is the begin of an instruction: a probe in the middle of one makes two
 * others out of it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libcommon/host/arch.h"

enum alignment {
	ALIGNMENT_GOOD,
	ALIGNMENT_BAD,     /* in the middle of an instruction */
	ALIGNMENT_UNKNOWN, /* the code on the way there cannot be read, or makes no sense */
};

/* code: of arch, at least the bytes from the begin of a function up to the instruction at the
 * offset.
 */
enum alignment alignment_of(
	const struct arch *arch, const uint8_t *code, size_t size, uint64_t offset);
