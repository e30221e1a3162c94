/* SPDX-License-Identifier: Apache-2.0 */
/* The program at the entry of a function whose argument is watched: it tells the argument and stops
 * the process. */
#pragma once

#include "attach.h"

struct watch_entry {
	struct attachment link;
	int ring_fd;  /* through which arguments come, records of 8 bytes */
	int known_fd; /* map of arguments that need not be told */
};

/*
 * Attaches it to the probe's place for the process that is traced. A call with an argument that is
 * not known sends a record; with probe->stops the process has been sent SIGSTOP before.
 */
struct error *watch_entry_attach(
	const struct session *session, const struct manifest_probe *probe, struct watch_entry *ret);
void watch_entry_deinit(struct watch_entry *entry);

/* Whether calls with the argument are known. */
void watch_entry_know(const struct watch_entry *entry, uint64_t address, bool known);
