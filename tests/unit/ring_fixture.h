/* SPDX-License-Identifier: Apache-2.0 */
/* A ring buffer in ordinary memory, whose producer is the test, in the kernel's format. */
#pragma once

#include <linux/bpf.h>
#include <sys/mman.h>

#include "bpftrace/runner/data/ring.h"
#include "tests/unit/unit.h"

struct fake_ring {
	struct ring_reader *reader;
	unsigned long consumer, producer;
	unsigned char *memory; /* mapped twice in a row */
	size_t size;
};

/* size: a power of two, at least a page. */
static inline void fake_ring_open(struct fake_ring *fake, size_t size, struct ring_reader *reader)
{
	int fd = memfd_create("ring", MFD_CLOEXEC);
	unsigned char *memory;

	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	memory = mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	for (int i = 0; i < 2; i++)
		assert_ptr_equal(mmap(memory + (size_t)i * size, size, PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_FIXED, fd, 0),
			memory + (size_t)i * size);
	close(fd);
	*fake = (struct fake_ring){.reader = reader, .memory = memory, .size = size};
	*reader = (struct ring_reader){
		.consumer = &fake->consumer,
		.producer = &fake->producer,
		.data = memory,
		.size = size,
	};
}

static inline void fake_ring_close(struct fake_ring *fake)
{
	munmap(fake->memory, 2 * fake->size);
}

static inline uint32_t *fake_header(struct fake_ring *fake, unsigned long position)
{
	return (void *)(fake->memory + (position & (fake->size - 1)));
}

/* Where the record is, still incomplete; there must be room. */
static inline unsigned long fake_reserve(struct fake_ring *fake, uint32_t size)
{
	unsigned long position = fake->producer;
	unsigned long end = position + ALIGN_UP(size + BPF_RINGBUF_HDR_SZ, 8);

	assert_true(end - fake->consumer <= fake->size);
	*fake_header(fake, position) = size | BPF_RINGBUF_BUSY_BIT;
	fake->producer = end;
	return position;
}

static inline void *fake_record(struct fake_ring *fake, unsigned long position)
{
	return (unsigned char *)fake_header(fake, position) + BPF_RINGBUF_HDR_SZ;
}

static inline void fake_commit(struct fake_ring *fake, unsigned long position)
{
	*fake_header(fake, position) &= ~BPF_RINGBUF_BUSY_BIT;
}

static inline void fake_discard(struct fake_ring *fake, unsigned long position)
{
	*fake_header(fake, position) |= BPF_RINGBUF_DISCARD_BIT;
	fake_commit(fake, position);
}

static inline void fake_send(struct fake_ring *fake, const void *data, uint32_t size)
{
	unsigned long position = fake_reserve(fake, size);

	memcpy(fake_record(fake, position), data, size);
	fake_commit(fake, position);
}
