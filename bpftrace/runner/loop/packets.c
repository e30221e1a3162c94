/* SPDX-License-Identifier: Apache-2.0 */
#include "packets.h"

#include <bpf/libbpf.h>
#include <errno.h>

#include "bpftrace/runner/show/capture.h"
#include "libcommon/base/alloc.h"

struct packets {
	struct perf_buffer *buffers;
	struct dispatch *dispatch;
	struct str record;
};

/* Copies the record, which is at an odd multiple of four bytes in the buffer. */
static void receive(void *context, int cpu _unused_, void *data, uint32_t size)
{
	struct packets *packets = context;

	str_truncate(&packets->record, 0);
	str_append_bytes(&packets->record, data, size);
	dispatch_record(packets->dispatch, RING_PACKETS, packets->record.data, size, false);
}

/* Ignored: programs count the records that found no room. */
static void lost(void *context _unused_, int cpu _unused_, unsigned long long count _unused_)
{
}

/* perf_rb_pages rounded down to a power of two, as the kernel requires. */
static size_t pages(const struct traced *traced)
{
	uint64_t asked = traced->bundle.manifest.settings.perf_rb_pages;
	size_t count = 1;

	while (count * 2 <= asked)
		count *= 2;
	return count;
}

static int map_fd(const struct traced *traced)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(traced->object, MAP_PACKETS);

	return map && bpf_map__type(map) == BPF_MAP_TYPE_PERF_EVENT_ARRAY ? bpf_map__fd(map) : -1;
}

struct error *packets_open(struct dispatch *dispatch, struct packets **ret)
{
	const struct traced *traced = dispatch->actions->traced;

	if (!dispatch->actions->captures)
		return NULL;
	if (map_fd(traced) < 0)
		return error_new(EINVAL, "the bundle has no buffers for packets");

	struct packets *packets = xcalloc(1, sizeof(*packets));

	packets->dispatch = dispatch;
	packets->buffers =
		perf_buffer__new(map_fd(traced), pages(traced), receive, lost, packets, NULL);
	if (!packets->buffers) {
		int reason = errno;

		free(packets);
		return error_system(reason,
			"cannot open buffers of %zu pages for packets (perf_rb_pages)",
			pages(traced));
	}
	*ret = packets;
	return NULL;
}

int packets_fd(const struct packets *packets, size_t index)
{
	if (!packets || index >= perf_buffer__buffer_cnt(packets->buffers))
		return -1;
	return perf_buffer__buffer_fd(packets->buffers, index);
}

void packets_drain(struct packets *packets)
{
	if (!packets)
		return;
	perf_buffer__consume(packets->buffers);
	capture_flush(packets->dispatch->actions->captures);
}

void packets_close(struct packets *packets)
{
	if (!packets)
		return;
	perf_buffer__free(packets->buffers);
	str_deinit(&packets->record);
	free(packets);
}
