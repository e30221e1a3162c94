/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session.h"

/* Reports what the kernel dropped: records without room in a ring, updates of full maps, and events
 * during which a program could not run. */
void report_losses(struct session *session);
