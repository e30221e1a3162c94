/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libcommon/base/error.h"
#include "session.h"

/*
 * Loads session->bundle into the kernel: fills session->object, the state and the rings. When the
 * verifier refuses a program, a diagnostic that shows the script's line goes to stderr
 * (verifier.c), and the error is ECANCELED: everything has been said.
 */
struct error *load_bundle(struct session *session);
