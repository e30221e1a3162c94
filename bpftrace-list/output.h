/* SPDX-License-Identifier: Apache-2.0 */
/* Output formats: each writes probes and types to standard output. */
#pragma once

struct definition;

struct output_ops {
	const char *name; /* as -f spells it */

	/* Writes a probe; declarations has a line for each argument, NULL: omit arguments. */
	void (*probe)(const char *name, const char *declarations);

	/* Writes a type. */
	void (*type)(const struct definition *definition);
};

/* The format of this name; NULL when there is none. */
const struct output_ops *output_find(const char *name);
