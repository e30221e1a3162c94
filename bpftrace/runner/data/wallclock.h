/* SPDX-License-Identifier: Apache-2.0 */
/* The time of day, of now and of moments that programs have stamped, as text. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "libcommon/base/str.h"

/* Converts nanoseconds since boot to time of the wall clock, as it is set now. */
struct timespec wallclock_at(uint64_t nsecs);

/* Appends it by a format of strftime(3), where %f is the microseconds, six digits. The zone is the
 * one that tzset(3) has read. False when the result is too long. */
bool wallclock_format(const char *format, struct timespec when, struct str *out);
