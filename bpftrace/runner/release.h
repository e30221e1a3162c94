/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libcommon/base/attributes.h"
#include "session.h"

/*
 * Ends the process with a status, after everything was written. Links whose end the kernel takes
 * its time for (attachment.slow) are left to a helper process, so that whoever waits for this one
 * does not wait for them.
 */
_noreturn_ void release(struct session *session, int status);
