/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records in which the kernel reports what processes map for execution, and their begin and end.
 * Source: perf_event_open(2) and enum perf_event_type in linux/perf_event.h. The event is to have
 * mmap2, comm, comm_exec, task, sample_id_all, and PERF_SAMPLE_TIME as its only sample type.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mmap_record_kind {
	MMAP_RECORD_OTHER, /* of no interest */
	MMAP_RECORD_MAP,
	MMAP_RECORD_FORK, /* of a process; threads are of no interest */
	MMAP_RECORD_EXEC,
	MMAP_RECORD_EXIT, /* of a process's first thread */
	MMAP_RECORD_LOST, /* records that found no room */
};

struct mmap_record {
	enum mmap_record_kind kind;
	int32_t pid;
	int32_t parent; /* of FORK */
	uint64_t time;  /* on the event's clock */
	uint64_t lost;  /* of LOST: how many */

	/* Of MAP. */
	uint64_t start, size, offset;
	const char *path;        /* as the process sees it; also "//anon", "[vdso]" */
	const uint8_t *build_id; /* NULL: device and inode are set instead */
	size_t build_id_size;
	uint32_t major, minor;
	uint64_t inode;
};

/*
 * Parses one record, of header.size bytes, which begins with its header; what it points to is in
 * data. A malformed one is MMAP_RECORD_OTHER.
 */
struct mmap_record mmap_record_parse(const void *data, size_t size);
