/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capture files: packets as tcpdump and Wireshark read them, format of pcap-savefile(5) with
 * nanoseconds; each packet begins with its IP header (LINKTYPE_RAW).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libcommon/base/arena.h"
#include "libcommon/base/error.h"

struct capture;

/*
 * The file at path, created or emptied at its first mention in this run; an existing file that is
 * not a pcap file is an error. *ret is in arena and in *list, which capture_close closes.
 */
struct error *capture_open(
	struct capture **list, struct arena *arena, const char *path, struct capture **ret);

/* Adds a packet of original bytes, of which size were kept, seen at boot nanoseconds
 * (CLOCK_BOOTTIME). A failed write is logged once and ends the capture. */
void capture_packet(
	struct capture *capture, uint64_t boot, const void *data, size_t size, uint64_t original);

/* Of all files of the list. */
void capture_flush(struct capture *list);
void capture_close(struct capture **list);
