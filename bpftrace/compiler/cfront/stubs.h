/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types and constants that only the kernel's BTF defines and that definitions in C use. The
 * compiler is given something of the same name, size and alignment; what it makes of that refers to
 * the type of the BTF.
 */
#pragma once

#include "unit.h"

/* Adds what an error message asks for before an item; name is what the message has in apostrophes.
 * True when there was something new. */
bool stubs_add(struct cfront *cfront, struct c_item *item, const char *message, const char *name);

/* Whether a type was added by this. keyword as in types_find. */
bool stubs_has(const struct cfront *cfront, const char *keyword, const char *name);
