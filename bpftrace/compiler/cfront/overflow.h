/* SPDX-License-Identifier: Apache-2.0 */
/* Clang recurses into expressions; one that is too long for its stack would end the process without
 * a word about the script. */
#pragma once

/* From now on such an end is one with a message and the status of a refused script. */
void overflow_begin(void);

/* As it was before. */
void overflow_end(void);
