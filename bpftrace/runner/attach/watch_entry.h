/* SPDX-License-Identifier: Apache-2.0 */
/* The program at the entry of a function whose argument is watched: it sends the argument and stops
 * the process. */
#pragma once

#include "attach.h"

struct watch_entry {
	struct attachment link;
	int ring_fd;  /* through which arguments come, records of 8 bytes */
	int known_fd; /* map of arguments that are not sent */
};

enum watch_stop {
	WATCH_STOP_NEVER,
	WATCH_STOP_OWN_USER, /* while its user is that of this process, which may continue it then
			      */
	WATCH_STOP_ALWAYS,
};

/*
 * Attaches it to the probe's place for the traced process. A call with an argument that is not
 * known stops the process by SIGSTOP, depending on stop, and sends a record. *ret is owned by the
 * caller: watch_entry_deinit.
 */
struct error *watch_entry_attach(const struct attachments *attachments,
	const struct manifest_probe *probe, enum watch_stop stop, struct watch_entry *ret);
void watch_entry_deinit(struct watch_entry *entry);

/* Sets whether calls with the argument are known. */
void watch_entry_know(const struct watch_entry *entry, uint64_t address, bool known);
