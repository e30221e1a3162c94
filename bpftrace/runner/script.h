/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session.h"
#include "libcommon/base/error.h"

/*
 * Reads what is to be run: the text of -e, a file, or standard input. Fills name, text and length
 * of session->request; text may as well be a saved bundle.
 */
struct error *script_read(struct session *session);
