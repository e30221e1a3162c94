/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a row of records, as they are in a perf buffer; what they report is asked for. */
#include "tests/fuzz/fuzz.h"

#include <linux/perf_event.h>
#include <string.h>

#include "libcommon/base/attributes.h"
#include "libcommon/symbols/address_spaces.h"
#include "libcommon/symbols/mmap_record.h"

static void note(struct address_spaces *spaces, const struct mmap_record *record)
{
	struct mapping found;

	switch (record->kind) {
	case MMAP_RECORD_MAP:
		require(strlen(record->path) < 1 << 16);
		address_spaces_map(spaces, record->pid,
			&(struct mapping){
				.start = record->start,
				.end = record->start + record->size,
				.since = record->time,
			});
		break;
	case MMAP_RECORD_FORK:
		address_spaces_fork(spaces, record->pid, record->parent, record->time);
		break;
	case MMAP_RECORD_EXEC: address_spaces_exec(spaces, record->pid, record->time); break;
	case MMAP_RECORD_EXIT: address_spaces_exit(spaces, record->pid, record->time); break;
	default: break;
	}
	if (address_spaces_find(spaces, record->pid, record->time, record->start, &found))
		require(found.start <= record->start && record->start < found.end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct address_spaces *spaces = address_spaces_new(64);

	while (size >= sizeof(struct perf_event_header)) {
		struct perf_event_header header;
		uint64_t copy[(UINT16_MAX + 8) / 8];

		memcpy(&header, data, sizeof(header));

		size_t step = MIN((size_t)MAX(header.size, (uint16_t)sizeof(header)), size);

		memcpy(copy, data, step);

		struct mmap_record record = mmap_record_parse(copy, step);

		note(spaces, &record);
		data += step;
		size -= step;
	}
	address_spaces_free(spaces);
	return 0;
}
