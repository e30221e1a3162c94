/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libcommon/base/error.h"
#include "session.h"

/*
 * Runs the session's script from its text to its last output, or as far as the options say. An
 * error of number ECANCELED has been told already. The result of the run is session->exit_status.
 */
struct error *steps_run(struct session *session);
