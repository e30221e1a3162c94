/* SPDX-License-Identifier: Apache-2.0 */
/* Finds out what the running kernel refuses where no file shows it, by loading a program or opening
 * an event. Attaches nothing. */
#pragma once

#include "libcommon/base/str.h"
#include "libcommon/host/obstacles.h"

struct kbtf;

/* Whether the kernel refuses probes of the kind; then appends the reason. False also without the
 * privilege to try. A callback for probe_world.refuses; context is a struct kbtf. */
bool trial_refuses(void *context, enum obstacle kind, struct str *out);
