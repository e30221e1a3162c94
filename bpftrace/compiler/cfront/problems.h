/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the C compiler complains about: headers that it may not open and types that only the
 * kernel's BTF defines are added, all else is reported at its place in the script, as the compiler
 * words it.
 */
#pragma once

#include "unit.h"

/* Adds what is missing; true when there was something, so that another round may succeed. */
bool problems_mend(struct cfront *cfront);

/* Reports the errors; true when there were none. */
bool problems_report(struct cfront *cfront);
