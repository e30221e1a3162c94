/* SPDX-License-Identifier: Apache-2.0 */
/* Which library a function comes from that a file uses but does not define. */
#pragma once

#include "elf.h"

/*
 * The path of the library that defines the function called name, among those that elf needs and
 * those that they need, in the order in which the dynamic linker looks at them; NULL when none is
 * found. Libraries are looked for as ld.so(8) does: by the run paths of the file that needs them,
 * then in its cache; a path that is not absolute counts from the working directory. The path is in
 * arena.
 */
const char *imports_find(
	const struct host *host, struct elf *elf, const char *name, struct arena *arena);
