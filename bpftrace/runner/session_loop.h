/* SPDX-License-Identifier: Apache-2.0 */
/* What the event loop of a run waits for, and calls. */
#pragma once

#include "libcommon/base/error.h"

struct session;

/* Opens the loop of a session whose object is loaded. */
struct error *session_loop_open(struct session *session);
