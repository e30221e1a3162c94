/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that the compiler put into their callers, as debug information describes them. */
#pragma once

#include <elfutils/libdw.h>
#include <stddef.h>
#include <stdint.h>

enum { INLINED_MOST = 64 };

/* The calls that were inlined at the address of a function, the outermost first; returns how many.
 */
size_t inlined_calls(Dwarf_Die *function, uint64_t address, Dwarf_Die ret[INLINED_MOST]);
