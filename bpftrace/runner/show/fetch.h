/* SPDX-License-Identifier: Apache-2.0 */
/* Names by which elements of a map are shown, fetched for many elements at once. */
#pragma once

#include "bpftrace/runner/data/mapread.h"
#include "bpftrace/runner/names/names.h"
#include "libcommon/base/vec.h"
#include "value.h"

/* A part of each key or value that is shown by a name. */
struct fetch_part {
	enum name_kind kind;
	bool is_of_key;
	uint32_t type;
	size_t offset;
};

struct fetch {
	struct value_reader *reader;
	const struct map_content *content;
	VEC(struct fetch_part) parts;
};

/* Finds the parts; reader and content must outlive it. The caller deinits it. */
struct fetch fetch_init(struct value_reader *reader, const struct map_content *content);
void fetch_deinit(struct fetch *fetch);

/* Before order[at] is shown, for each at from 0 on: fetches the names of the elements from there on
 * whenever those fetched before have been shown. */
void fetch_names(const struct fetch *fetch, const uint32_t *order, size_t count, size_t at);
