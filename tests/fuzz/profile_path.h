/* SPDX-License-Identifier: Apache-2.0 */
/* A path of frames as the input of a fuzzer: the first byte separates names. */
#pragma once

#include <string.h>

#include "bpftrace/runner/show/profile.h"

/* The caller frees its parts. */
static inline struct profile_path fuzz_path(const uint8_t *data, size_t size)
{
	struct profile_path path = {};
	uint8_t separator = size ? *data++ : 0;
	size_t begin = 0;

	size -= size > 0;
	str_append_bytes(&path.names, data, size);
	for (size_t i = 0; i <= size; i++) {
		if (i < size && data[i] != separator)
			continue;
		vec_push(&path.frames,
			((struct path_frame){.kind = path.frames.count % NR_FRAME_KINDS,
				.name = begin,
				.length = i - begin}));
		begin = i + 1;
	}
	return path;
}
