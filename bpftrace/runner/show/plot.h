/* SPDX-License-Identifier: Apache-2.0 */
/* Time series for people. */
#pragma once

#include <time.h>

#include "bpftrace/runner/data/sink.h"
#include "libcommon/base/str.h"

/* Appends lines that show each interval; nothing for a series without any. */
void plot_append(struct str *out, const struct series *series);

/* The time of day with so many digits behind the second, at most 9. */
void plot_append_time(struct str *out, struct timespec when, unsigned digits);
