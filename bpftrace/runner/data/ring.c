/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring buffer's map has a page with the consumer's position, a page with the producers' position,
 * and its data twice in a row, so that a record that wraps around is still in one piece. Positions
 * count bytes and never wrap. A record is a header of 8 bytes, whose first word is its length and
 * two flags, and its bytes, rounded up to 8. A producer reserves (length with the busy flag, then
 * the producers' position), fills, and completes the record by clearing the flag.
 */
#include "ring.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>

#define LENGTH_MASK (~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT))

static struct error *map_pages(
	struct ring_reader *ring, int index, int fd, size_t size, int protection, off_t offset)
{
	void *memory = mmap(NULL, size, protection, MAP_SHARED, fd, offset);

	if (memory == MAP_FAILED)
		return error_system(errno, "cannot map a ring buffer");
	ring->mappings[index] = memory;
	ring->mapping_sizes[index] = size;
	return NULL;
}

struct error *ring_open(int fd, struct ring_reader *ret)
{
	struct bpf_map_info info = {};
	uint32_t info_size = sizeof(info);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct ring_reader ring = {};

	if (bpf_obj_get_info_by_fd(fd, &info, &info_size) != 0)
		return error_system(errno, "cannot read the properties of a ring buffer");
	if (info.type != BPF_MAP_TYPE_RINGBUF)
		return error_new(EINVAL, "map '%s' is not a ring buffer", info.name);

	struct error *error = map_pages(&ring, 0, fd, page, PROT_READ | PROT_WRITE, 0);

	if (!error)
		error = map_pages(
			&ring, 1, fd, page + 2 * (size_t)info.max_entries, PROT_READ, (off_t)page);
	if (error) {
		ring_close(&ring);
		return error;
	}
	ring.consumer = ring.mappings[0];
	ring.producer = ring.mappings[1];
	ring.data = (const unsigned char *)ring.mappings[1] + page;
	ring.size = info.max_entries;
	ring.position = ring.published = __atomic_load_n(ring.consumer, __ATOMIC_ACQUIRE);
	ring_end(&ring);
	*ret = ring;
	return NULL;
}

void ring_close(struct ring_reader *ring)
{
	for (size_t i = 0; i < ARRAY_SIZE(ring->mappings); i++) {
		if (ring->mappings[i])
			munmap(ring->mappings[i], ring->mapping_sizes[i]);
	}
	*ring = (struct ring_reader){};
}

uint64_t ring_end(struct ring_reader *ring)
{
	ring->end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
	return ring->end;
}

static const unsigned char *header_at(const struct ring_reader *ring)
{
	return ring->data + (ring->position & (ring->size - 1));
}

static uint32_t load_header(const struct ring_reader *ring)
{
	const uint32_t *header = (const void *)header_at(ring);

	return __atomic_load_n(header, __ATOMIC_ACQUIRE);
}

static uint64_t record_space(uint32_t header)
{
	return ALIGN_UP((uint64_t)(header & LENGTH_MASK) + BPF_RINGBUF_HDR_SZ, 8);
}

/* Reads the producers' position only when the known part is used up: each read costs the producers
 * a cache miss. */
enum ring_head ring_peek(struct ring_reader *ring, const void **record, size_t *size)
{
	if (ring->position >= ring->end && ring->position >= ring_end(ring))
		return RING_EMPTY;

	uint32_t header = load_header(ring);

	if (header & BPF_RINGBUF_BUSY_BIT)
		return RING_BUSY;
	if (record_space(header) > ring->end - ring->position || record_space(header) > ring->size)
		return RING_BROKEN;
	if (header & BPF_RINGBUF_DISCARD_BIT)
		return RING_DISCARDED;
	*record = header_at(ring) + BPF_RINGBUF_HDR_SZ;
	*size = header & LENGTH_MASK;
	return RING_RECORD;
}

void ring_advance(struct ring_reader *ring, enum ring_head head)
{
	if (head == RING_BROKEN)
		ring->position = ring->end;
	else
		ring->position += record_space(load_header(ring));
}

void ring_publish(struct ring_reader *ring, uint64_t position)
{
	__atomic_store_n(ring->consumer, (unsigned long)position, __ATOMIC_RELEASE);
	ring->published = position;
}

/* The kernel completes a record (a full barrier), then reads the consumer's position; this does the
 * reverse, so that one of the two sees the other's write. */
void ring_rearm(struct ring_reader *ring)
{
	ring_publish(ring, ring->position);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
