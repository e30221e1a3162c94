/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text that conditions of the preprocessor exclude need not be of the language. Where a script
 * cannot be parsed, the C compiler first reads its preprocessor lines alone, with a declaration
 * behind each that shows whether what follows is excluded.
 */
#pragma once

#include "unit.h"

/* Whether the script has lines with conditions. */
bool conditions_are_there(const struct source *source);

/* Adds an item for each preprocessor line, and one for the text up to the next line. */
void conditions_add(struct cfront *cfront);

/* After unit_read and declarations_collect: replaces the text that is excluded by blanks, in the
 * script's source; true when there is any. */
bool conditions_blank(struct cfront *cfront);
