/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps as profiles, for formats that show paths of frames and what each path counts. The path of an
 * element is the root first: the parts of its key that are no stacks, its user stacks, its kernel
 * stacks, and of a histogram the bucket.
 */
#pragma once

#include "libcommon/base/vec.h"
#include "show.h"

enum frame_kind {
	FRAME_KEY,
	FRAME_USER,
	FRAME_KERNEL,
	FRAME_BUCKET,
	NR_FRAME_KINDS,
};

struct path_frame {
	enum frame_kind kind;
	size_t name, length; /* in the names of the path */
	int64_t rank;        /* of a bucket: where it stands among others */
};

struct profile_path {
	struct str names; /* any bytes */
	VEC(struct path_frame) frames;
};

/* Whether maps of these types are shown: their values add up, or are numbers by stacks. */
bool profile_shows(const struct types *types, uint32_t key_type, uint32_t value_type,
	const struct aggregate *aggregate);

/* What a format keeps for a run. */
struct profile {
	struct hashmap warned; /* names of maps */
	struct profile_path path;
};

void profile_deinit(struct profile *profile);

/* Whether the map is shown; warns, once for each map, if it is not. */
bool profile_begin(struct profile *profile, struct output *out, const struct map_view *map);

typedef void profile_fn(void *context, const struct profile_path *path, uint64_t count);

/* Calls visit for the element, or for each bucket of its histogram, also when that is 0. What is
 * negative is left out, with a warning, once for each map. Of a map without key the path is its
 * name; is_named: of others the name is the first frame. */
void profile_element(struct profile *profile, const struct map_view *map,
	const struct map_element *element, bool is_named, profile_fn *visit, void *context);

/* The ops that such formats have in common: what is no map goes to standard error. */
void profile_attached(struct output *out, size_t probes);
void profile_printed(struct output *out, const char *kind, const void *text, size_t size);
void profile_value(struct output *out, const struct value *value);
void profile_dump(struct output *out);

#define PROFILE_OPS                                                                                \
	.is_profile = true, .attached = profile_attached, .printed = profile_printed,              \
	.value = profile_value, .dump = profile_dump
