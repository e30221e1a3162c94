/* SPDX-License-Identifier: Apache-2.0 */
#include "mmap_record.h"

#include <linux/perf_event.h>
#include <string.h>

#ifndef PERF_RECORD_MISC_MMAP_BUILD_ID /* since 5.12 */
#define PERF_RECORD_MISC_MMAP_BUILD_ID (1 << 14)
#endif

/* Bodies of records, up to the texts. */
struct map {
	uint32_t pid, tid;
	uint64_t start, size, offset;
	union {
		struct {
			uint32_t major, minor;
			uint64_t inode, generation;
		};
		struct {
			uint8_t build_id_size;
			uint8_t reserved[3];
			uint8_t build_id[20];
		};
	};
	uint32_t protection, flags;
	char path[];
};

struct task {
	uint32_t pid, parent, tid, parent_tid;
	uint64_t time;
};

struct comm {
	uint32_t pid, tid;
	char comm[];
};

struct lost {
	uint64_t id, count;
};

/* A record's body, without the time behind it. */
struct body {
	const void *data;
	size_t size;
	uint16_t flags; /* misc of the header */
};

static void parse_map(const struct body *body, struct mmap_record *ret)
{
	const struct map *map = body->data;
	size_t room = body->size - sizeof(*map);

	if (body->size <= sizeof(*map) || strnlen(map->path, room) == room)
		return;
	*ret = (struct mmap_record){
		.kind = MMAP_RECORD_MAP,
		.pid = (int32_t)map->pid,
		.start = map->start,
		.size = map->size,
		.offset = map->offset,
		.path = map->path,
	};
	if (!(body->flags & PERF_RECORD_MISC_MMAP_BUILD_ID)) {
		ret->major = map->major;
		ret->minor = map->minor;
		ret->inode = map->inode;
	} else if (map->build_id_size <= sizeof(map->build_id)) {
		ret->build_id = map->build_id;
		ret->build_id_size = map->build_id_size;
	}
}

static void parse_task(const struct body *body, enum mmap_record_kind kind, struct mmap_record *ret)
{
	const struct task *task = body->data;

	if (body->size < sizeof(*task) || task->pid != task->tid ||
		(kind == MMAP_RECORD_FORK && task->pid == task->parent))
		return;
	*ret = (struct mmap_record){
		.kind = kind, .pid = (int32_t)task->pid, .parent = (int32_t)task->parent};
}

static void parse_comm(const struct body *body, struct mmap_record *ret)
{
	const struct comm *comm = body->data;

	if (body->size >= sizeof(*comm) && (body->flags & PERF_RECORD_MISC_COMM_EXEC))
		*ret = (struct mmap_record){.kind = MMAP_RECORD_EXEC, .pid = (int32_t)comm->pid};
}

static void parse_lost(const struct body *body, struct mmap_record *ret)
{
	const struct lost *lost = body->data;

	if (body->size >= sizeof(*lost))
		*ret = (struct mmap_record){.kind = MMAP_RECORD_LOST, .lost = lost->count};
}

struct mmap_record mmap_record_parse(const void *data, size_t size)
{
	const struct perf_event_header *header = data;
	struct mmap_record ret = {};
	uint64_t time;

	if (size < sizeof(*header) + sizeof(time))
		return ret;
	memcpy(&time, (const uint8_t *)data + size - sizeof(time), sizeof(time));

	struct body body = {header + 1, size - sizeof(*header) - sizeof(time), header->misc};

	switch (header->type) {
	case PERF_RECORD_MMAP2: parse_map(&body, &ret); break;
	case PERF_RECORD_FORK: parse_task(&body, MMAP_RECORD_FORK, &ret); break;
	case PERF_RECORD_EXIT: parse_task(&body, MMAP_RECORD_EXIT, &ret); break;
	case PERF_RECORD_COMM: parse_comm(&body, &ret); break;
	case PERF_RECORD_LOST: parse_lost(&body, &ret); break;
	default: break;
	}
	ret.time = time;
	return ret;
}
