/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the probes and types that match patterns, and passes them to the output. */
#pragma once

#include <stdbool.h>

#include "libcommon/base/hashmap.h"
#include "libcommon/probes/probe.h"
#include "output.h"
#include "source.h"

enum detail {
	DETAIL_NAMES,
	DETAIL_ARGUMENTS, /* and definitions */
	DETAIL_LAYOUT,    /* definitions with offsets and sizes of their members */
};

struct listing {
	struct probe_world world; /* borrowed parts */
	const struct output_ops *output;
	unsigned detail;        /* enum detail; larger values mean the last */
	const char *types_file; /* NULL: types of the kernel */
	struct sources sources; /* of types, opened for the first pattern of a type */
	struct arena arena;
	struct hashmap shown; /* names shown so far */
};

/* Makes a listing that borrows both. The caller deinits it. */
struct listing listing_make(const struct probe_world *world, const struct output_ops *output);
void listing_deinit(struct listing *listing);

/* Shows all probes that can be listed without a file, or with -p those of mapped files. Returns
 * ENOENT when there are none. */
struct error *listing_all(struct listing *listing);

/* Records the name; returns whether it is new. */
bool listing_is_new(struct listing *listing, const char *name);

/*
 * Shows the matches of one pattern: probes, types ("struct NAME"), or the functions of a file.
 * Returns ENOENT when there are none; then *suggestion is set if a similar name exists (texts live
 * as long as listing).
 */
struct error *listing_show(
	struct listing *listing, const char *pattern, struct suggestion *suggestion);
