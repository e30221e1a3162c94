/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Source: perf_event_open(2), "MMAP layout". The kernel writes records up to data_head; data_tail
 * says up to where they were read. A record may go on at the begin of the buffer.
 */
#include "mapping_events.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "libcommon/host/procfs.h"
#include "libcommon/symbols/mmap_record.h"

enum {
	PAGES = 64, /* of each buffer: mappings of some hundred programs that begin */
	PAGES_LEAST = 4,
};

/* A record, copied out of the buffer. */
struct copied_record {
	uint64_t time;
	size_t offset, size; /* in the copy */
};

typedef VEC(struct copied_record) copied_records;

/* --- opening --- */

static int open_event(uint32_t cpu, bool with_build_ids)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.size = sizeof(attr),
		.mmap = 1,
		.mmap2 = 1,
		.comm = 1,
		.comm_exec = 1,
		.task = 1,
		.sample_id_all = 1,
		.sample_type = PERF_SAMPLE_TIME,
		.use_clockid = 1,
		.clockid = CLOCK_BOOTTIME,
		.watermark = 1,
		.wakeup_watermark = 1, /* byte: each record */
		.build_id = with_build_ids,
	};

	return (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

/* The kernel limits how much memory a user may lock: less will do. */
static bool map_ring(struct mapping_ring *ring)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	for (size_t pages = PAGES; pages >= PAGES_LEAST; pages /= 2) {
		ring->size = (1 + pages) * page;
		ring->pages =
			mmap(NULL, ring->size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
		if (ring->pages != MAP_FAILED)
			return true;
	}
	return false;
}

/* A CPU may be gone meanwhile. */
static struct error *open_ring(struct mapping_events *events, uint32_t cpu)
{
	struct mapping_ring ring = {.fd = open_event(cpu, true)};

	if (ring.fd < 0 && errno == EINVAL) /* before 5.12 */
		ring.fd = open_event(cpu, false);
	if (ring.fd < 0 && errno == ENODEV)
		return NULL;
	if (ring.fd < 0)
		return error_system(errno, "cannot follow what processes map");
	if (!map_ring(&ring)) {
		int number = errno;

		close(ring.fd);
		return error_system(number, "cannot map a buffer for mappings");
	}
	vec_push(&events->rings, ring);
	return NULL;
}

struct error *mapping_events_open(const struct host *host, struct mapping_events *ret)
{
	procfs_cpus cpus = {};
	const uint32_t *cpu;
	struct error *error = procfs_online_cpus(host, &cpus);

	vec_for_each (&cpus, cpu) {
		if (!error)
			error = open_ring(ret, *cpu);
	}
	vec_deinit(&cpus);
	return error;
}

void mapping_events_close(struct mapping_events *events)
{
	struct mapping_ring *ring;

	vec_for_each (&events->rings, ring) {
		munmap(ring->pages, ring->size);
		close(ring->fd);
	}
	vec_deinit(&events->rings);
}

void mapping_events_poll(const struct mapping_events *events, struct pollfd *ret)
{
	const struct mapping_ring *ring;

	vec_for_each (&events->rings, ring)
		*ret++ = (struct pollfd){.fd = ring->fd, .events = POLLIN};
}

/* --- reading --- */

/* Appends bytes of the buffer from a position on. */
static void copy_bytes(
	const struct perf_event_mmap_page *page, uint64_t position, size_t size, struct str *out)
{
	const char *data = (const char *)page + page->data_offset;
	size_t at = position % page->data_size, first = MIN(size, (size_t)page->data_size - at);

	str_append_bytes(out, data + at, first);
	str_append_bytes(out, data, size - first);
}

/* Copies one record and returns its size; 0 for one that is malformed. */
static size_t copy_record(const struct perf_event_mmap_page *page, uint64_t position,
	uint64_t limit, struct str *copy, copied_records *records)
{
	struct perf_event_header header;
	size_t offset = ALIGN_UP(copy->length, sizeof(uint64_t));

	str_append_repeat(copy, '\0', offset - copy->length);
	copy_bytes(page, position, sizeof(header), copy);
	memcpy(&header, copy->data + offset, sizeof(header));
	if (header.size < sizeof(header) || header.size > limit - position)
		return 0;
	copy_bytes(page, position + sizeof(header), header.size - sizeof(header), copy);
	vec_push(records, ((struct copied_record){.offset = offset, .size = header.size}));
	return header.size;
}

static void copy_ring(const struct mapping_ring *ring, struct str *copy, copied_records *records)
{
	struct perf_event_mmap_page *page = ring->pages;
	uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
	uint64_t tail = page->data_tail;

	while (head - tail >= sizeof(struct perf_event_header)) {
		size_t size = copy_record(page, tail, head, copy, records);

		tail = size ? tail + size : head;
	}
	__atomic_store_n(&page->data_tail, head, __ATOMIC_RELEASE);
}

static int compare_times(const void *a, const void *b)
{
	const struct copied_record *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Records of all CPUs in the order of their times. */
void mapping_events_read(struct mapping_events *events, struct symbolizer *symbolizer)
{
	_cleanup_str_ struct str copy = STR_INIT;
	copied_records records = {};
	const struct mapping_ring *ring;
	struct copied_record *record;

	vec_for_each (&events->rings, ring)
		copy_ring(ring, &copy, &records);
	vec_for_each (&records, record)
		record->time = mmap_record_parse(copy.data + record->offset, record->size).time;
	if (records.count)
		qsort(records.items, records.count, sizeof(*record), compare_times);
	vec_for_each (&records, record) {
		struct mmap_record parsed =
			mmap_record_parse(copy.data + record->offset, record->size);

		symbolizer_record(symbolizer, &parsed);
	}
	vec_deinit(&records);
}
