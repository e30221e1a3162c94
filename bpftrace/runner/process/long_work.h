/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work of a helper process that can take long and that the user may end: two words of memory that
 * all processes share, so that a signal handler of this one can do it.
 */
#pragma once

#include <stdbool.h>

#include "libcommon/base/error.h"

/* Makes the words, for processes that are started afterwards; without them nothing is going on. */
struct error *long_work_share(void);

/* For the helper process: that it begins or ends, and whether it is to end. */
void long_work_set(bool goes_on);
bool long_work_is_cancelled(void);

/* Whether it goes on. */
bool long_work_goes_on(void);

/* Ends it, and all that would follow; false when there is none, or when it was called before.
 * Async-signal-safe. */
bool long_work_cancel(void);
