/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A consumer of one BPF ring buffer. Other than libbpf's it can stop at a position, which the order
 * between two rings needs, and its caller decides when the position is published to the kernel,
 * which decides how often the kernel sends a wake-up.
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
	uint64_t end;                  /* of what was reserved at the last ring_end */
	uint64_t published;            /* the position last published to the kernel */
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
	RING_DISCARDED, /* to be skipped */
	RING_BROKEN,    /* the header is malformed */
};

/* Returns the state of the record at the position, without consuming it. */
enum ring_head ring_peek(struct ring_reader *ring, const void **record, size_t *size);

/* Consumes a complete record; everything up to the end if it is broken. */
void ring_advance(struct ring_reader *ring, enum ring_head head);

/* Returns the producers' position: all records before it are at least reserved. */
uint64_t ring_end(struct ring_reader *ring);

/* Publishes the position, which lets the kernel reuse the space before it. The kernel sends a
 * wake-up when a record is completed exactly at the published position, so none while that lags by
 * a record. */
void ring_publish(struct ring_reader *ring, uint64_t position);

/* Publishes the reader's position. If ring_peek then returns no complete record, a wake-up will
 * come. */
void ring_rearm(struct ring_reader *ring);
