/* SPDX-License-Identifier: Apache-2.0 */
/* What debug information says of a type, and the type as we have it does not, that decides how its
 * values are passed. */
#pragma once

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdint.h>

/* The type of a DIE without qualifiers and names; false for void. */
bool passing_type(Dwarf_Die *die, Dwarf_Die *ret);

bool passing_is_class(int tag);

/* Whether values of the type of a DIE are passed by the address of a copy: C++ does so with classes
 * that have functions to copy, move or destroy them. */
bool passing_by_reference(Dwarf_Die *die);

/* In bytes, at least a word; false when compilers differ, as about vectors. */
bool passing_alignment(Dwarf_Die *die, uint32_t *ret);
