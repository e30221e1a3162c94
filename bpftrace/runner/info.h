/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libcommon/base/str.h"
#include "libcommon/host/host.h"

/* Appends the report of --info: system, build, and what the kernel has. */
void info_report(const struct host *host, struct str *out);
