/* SPDX-License-Identifier: Apache-2.0 */
/* Modules of the running kernel as files. */
#pragma once

#include "build_id.h"

enum { KERNEL_MODULE_PATHS = 3 };

/* Where a module's debug information may be: paths in arena, the best first; returns how many, 0
 * for one that is not among the installed modules (modules.dep(5)). */
size_t kernel_module_paths(const struct host *host, const char *module, struct arena *arena,
	const char *ret[static KERNEL_MODULE_PATHS]);

/* The build id of a module that is loaded; none when it cannot be read. */
struct build_id kernel_module_id(const struct host *host, const char *module);
