/* SPDX-License-Identifier: Apache-2.0 */
/* Finds what patterns name and hands it to the output. */
#pragma once

#include <stdbool.h>

#include "libcommon/base/hashmap.h"
#include "libcommon/probes/probe.h"
#include "output.h"
#include "source.h"

enum detail {
	DETAIL_NAMES,
	DETAIL_ARGUMENTS, /* and definitions */
	DETAIL_LAYOUT,    /* definitions with the places of their members */
};

struct listing {
	struct probe_world world; /* borrowed parts */
	const struct output_ops *output;
	unsigned detail;        /* enum detail; what is above means the most */
	const char *types_file; /* NULL: types of the kernel */
	struct sources sources; /* of types, opened when the first one is wanted */
	struct arena arena;
	struct hashmap shown; /* names, each of which is shown once */
};

struct listing listing_make(const struct probe_world *world, const struct output_ops *output);
void listing_deinit(struct listing *listing);

/* Shows all probes that can be known without a file. */
struct error *listing_all(struct listing *listing);

/* True the first time a name comes. */
bool listing_is_new(struct listing *listing, const char *name);

/*
 * Shows what one pattern names: probes, "struct NAME" and the like, or the functions of a file.
 * Nothing found is an error; *suggestion has then what was meant, if something is near (texts live
 * as long as listing).
 */
struct error *listing_show(
	struct listing *listing, const char *pattern, struct suggestion *suggestion);
