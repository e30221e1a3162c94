/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "action.h"
#include "bpftrace/runner/show/capture.h"

/* The record, with the packet behind it and some bytes to round its size up. */
struct packet_record {
	uint64_t site;
	uint64_t nsecs;
	uint64_t offset;   /* of the first byte to keep, in the packet */
	uint64_t size;     /* of the leading part of the packet that follows */
	uint64_t original; /* the packet's own size */
};

static struct error *prepare(struct actions *actions, struct site *site)
{
	struct capture *capture = NULL;
	struct error *error = NULL;

	if (site->record_size != sizeof(struct packet_record))
		return error_new(EINVAL, "struct %s is not a packet record", site->site->record);
	error = capture_open(
		&actions->captures, &actions->traced->arena, site->site->text, &capture);
	site->prepared = capture;
	return error;
}

static void handle(
	struct actions *actions _unused_, const struct site *site, const void *record, size_t size)
{
	const struct packet_record *packet = record;

	if (packet->size > size - sizeof(*packet) || packet->offset >= packet->size ||
		packet->original < packet->size)
		return;
	capture_packet(site->prepared, packet->nsecs, (const char *)(packet + 1) + packet->offset,
		packet->size - packet->offset, packet->original - packet->offset);
}

const struct action_ops action_skboutput = {
	.action = ACTION_SKBOUTPUT,
	.prepare = prepare,
	.handle = handle,
};
