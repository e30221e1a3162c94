/* SPDX-License-Identifier: Apache-2.0 */
/* Names among the types of the kernel and of its modules, for this folder. */
#pragma once

#include "intern.h"

/* What is looked for: a type of one of the kinds (bits of BTF_KIND_), or an enumerator. */
struct seeking {
	const char *name;
	const char *module; /* whose types come first among those of modules; NULL: none */
	uint32_t kinds;
	bool enumerators;
	uint64_t value; /* out: of the enumerator */
};

/* The type of the name, copied in; 0 when there is none. */
uint32_t seek_kernel(struct types *types, struct seeking *seeking);

/* The same in the modules: first in seeking->module, then by their names. Meant for names that the
 * kernel does not have. */
uint32_t seek_modules(struct types *types, struct seeking *seeking);

/* Calls visit for each type of all of them. */
void seek_all(struct types *types,
	void (*visit)(void *context, const struct btf *btf, const struct btf_type *type),
	void *context);
