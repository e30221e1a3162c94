/* SPDX-License-Identifier: Apache-2.0 */
/* How far CLOCK_TAI is ahead of the clock that programs have, and when that changes. */
#pragma once

#include <stdint.h>
#include <time.h>

#include "libcommon/base/error.h"

/* In nanoseconds. */
uint64_t clock_read(clockid_t clock);

/* Nanoseconds from CLOCK_BOOTTIME to CLOCK_TAI at this moment. */
uint64_t clock_tai_offset(void);

/* *ret_fd, owned by the caller, becomes readable when the wall clock is set. */
struct error *clock_watch(int *ret_fd);

/* Makes it unreadable until the next time. */
void clock_watch_again(int fd);
