/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capture files: packets as tcpdump and Wireshark read them, format of pcap-savefile(5) with
 * nanoseconds; each packet begins with its IP header (LINKTYPE_RAW).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libcommon/base/error.h"

struct session;
struct capture;

/*
 * The file at path, created or emptied at its first mention in this run; a file that is there and
 * no capture is left alone. It is the session's, which flushes and closes it.
 */
struct error *capture_open(struct session *session, const char *path, struct capture **ret);

/* Adds a packet of original bytes, of which size were kept, seen at boot nanoseconds
 * (CLOCK_BOOTTIME). What cannot be written is reported once, and no more is written. */
void capture_packet(
	struct capture *capture, uint64_t boot, const void *data, size_t size, uint64_t original);

/* Of all files of the session. */
void capture_flush(struct session *session);
void capture_close(struct session *session);
