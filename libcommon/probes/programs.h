/* SPDX-License-Identifier: Apache-2.0 */
/* The debug information of the programs and libraries that probes are in, each opened once. */
#pragma once

#include "libcommon/elf/debuginfo.h"
#include "probe.h"

struct programs;

struct programs *programs_new(void);
void programs_free(
	struct programs *programs); /* NULL-safe; types that were read from them go first */

/*
 * Finds the debug information of the file that a match is in. *ret is NULL when the file has none,
 * or world no programs. It lives as long as world->programs.
 */
struct error *programs_open(
	const struct probe_world *world, const struct probe_match *match, struct debuginfo **ret);

/* The same, with the address of the match there. */
struct error *programs_find(const struct probe_world *world, const struct probe_match *match,
	struct debuginfo **ret_info, uint64_t *ret_address);
