/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the compiler's declarations to types: those of the script at once, those of headers when a
 * name is asked for. Sizes and offsets are the compiler's. As in bind/cdef.c, functions become void
 * and floating-point numbers the integers of their bits.
 */
#pragma once

#include "unit.h"

/* Defines the script's own types, but those that are defined already, and has the types ask for
 * those of headers. */
void c_types_define(struct cfront *cfront);
