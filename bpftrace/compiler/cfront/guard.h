/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits for the C compiler, which has none: text can be written that it nests without end, or
 * calculates for hours. What exceeds them ends this process with a message and the status of a
 * script that is refused.
 */
#pragma once

#include "unit.h"

/* Between these calls the limits hold; pairs may be nested. */
void guard_begin(const struct cfront *cfront);
void guard_end(void);
