/* SPDX-License-Identifier: Apache-2.0 */
/* The program at the entry of a function whose argument is watched: it tells the argument and stops
 * the process. */
#pragma once

#include "attach.h"

/*
 * Attaches it to the probe's place for one process. Each call sends a record of 8 bytes, the
 * argument, through the ring whose descriptor is *ret_ring_fd, the caller's; with probe->stops the
 * process has been sent SIGSTOP before. Closing the descriptors added to *ret detaches.
 */
struct error *watch_entry_attach(const struct session *session, const struct manifest_probe *probe,
	int *ret_ring_fd, struct attachment *ret);
