/* SPDX-License-Identifier: Apache-2.0 */
/* How what was found is written to stdout: one row per format. */
#pragma once

struct definition;

struct output_ops {
	const char *name; /* as -f spells it */

	/* A probe; declarations, a line for each argument, or NULL when they are not wanted. */
	void (*probe)(const char *name, const char *declarations);

	void (*type)(const struct definition *definition);
};

/* NULL when there is none of the name. */
const struct output_ops *output_find(const char *name);
