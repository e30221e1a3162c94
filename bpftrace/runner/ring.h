/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A consumer of one BPF ring buffer. libbpf's own consumes whatever is there; this one can stop at
 * a position, which the order between two rings needs, and says when the kernel learns how far it
 * is, which decides how often the kernel wakes it.
 *
 * Source: Documentation/bpf/ringbuf.rst and kernel/bpf/ringbuf.c of the kernel.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcommon/base/error.h"

struct ring_reader {
	unsigned long *consumer; /* shared with the kernel: what is before it may be overwritten */
	const unsigned long *producer; /* shared: end of what was reserved */
	const unsigned char *data;     /* the ring's memory, mapped twice in a row */
	size_t size;                   /* a power of two */
	uint64_t position;             /* consumed up to here */
	uint64_t end;                  /* of what was reserved when last looked at */
	uint64_t published;            /* what the kernel was told last */
	void *mappings[2];             /* NULL for a ring in ordinary memory */
	size_t mapping_sizes[2];
};

/* Maps the ring of a map's descriptor, which may be closed afterwards. */
struct error *ring_open(int fd, struct ring_reader *ret);
void ring_close(struct ring_reader *ring); /* does nothing to an all-zero one */

enum ring_head {
	RING_EMPTY,     /* nothing behind the position */
	RING_BUSY,      /* the next record is reserved and not complete yet */
	RING_RECORD,    /* *record and *size are set; valid until published */
	RING_DISCARDED, /* to be passed over */
	RING_BROKEN,    /* the header makes no sense */
};

/* Looks at the record at the position. */
enum ring_head ring_peek(struct ring_reader *ring, const void **record, size_t *size);

/* Steps over a complete record; over everything up to the end from a broken one. */
void ring_advance(struct ring_reader *ring, enum ring_head head);

/* Where the producers are: all records before it are at least reserved. */
uint64_t ring_end(struct ring_reader *ring);

/* Lets the kernel reuse what was consumed. It wakes readers when a record is completed exactly at
 * the published position: a position that lags by at least a record keeps it quiet. */
void ring_publish(struct ring_reader *ring, uint64_t position);

/* Publishes the position, after which ring_peek tells for sure whether a wake-up is still to come:
 * it is, unless there is a complete record. */
void ring_settle(struct ring_reader *ring);
