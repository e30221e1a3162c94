/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libcommon/base/error.h"
#include "session.h"

/*
 * Runs the session's script from its text to its last output, or as far as the options require. The
 * error ECANCELED is reported already. Sets session->exit_status.
 */
struct error *steps_run(struct session *session);
