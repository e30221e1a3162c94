/* SPDX-License-Identifier: Apache-2.0 */
/* What a service manager is sent; see sd_notify(3). */
#pragma once

/* Reports that all probes are attached, where NOTIFY_SOCKET names a socket for that. A socket that
 * nothing listens at is a warning only. */
void notify_ready(void);
