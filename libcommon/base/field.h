/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of structs that are declared in a list of FIELD(KIND, name), from which the struct and
 * all that treats its members one by one is made. A kind is a C type and what values it may have.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef const char *field_TEXT; /* may be NULL */
typedef const char *field_SOME; /* not NULL */
typedef const char *field_NAME; /* not empty */
typedef bool field_BOOL;
typedef uint64_t field_BITS;
typedef uint32_t field_U32;
typedef int32_t field_PID;     /* not negative */
typedef uint32_t field_WIDTH;  /* bytes of a register at the most */
typedef uint16_t field_OFFSET; /* INT16_MAX at the most, as in an instruction */
