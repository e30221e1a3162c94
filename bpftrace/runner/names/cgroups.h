/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of control groups; the parameters of a key are a wildcard for names of hierarchies. */
#pragma once

#include "libcommon/host/host.h"
#include "names.h"

/* Opens the mounted hierarchies (libcommon/host/cgroup.h), while that is permitted, and adds them
 * as the source. */
struct error *cgroups_open(struct names *names, const struct host *host);
