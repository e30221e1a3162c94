/* SPDX-License-Identifier: Apache-2.0 */
/* The number by which a linker marks a program or library and its debug file. Source: ld(1),
 * --build-id. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "elf.h"

enum { BUILD_ID_LONGEST = 64 }; /* bytes */

struct build_id {
	unsigned char bytes[BUILD_ID_LONGEST];
	size_t size; /* 0 when there is none */
};

struct build_id build_id_read(struct elf *elf);

/* Whether both are one; false when there is none. */
bool build_id_is_same(const struct build_id *a, const struct build_id *b);
