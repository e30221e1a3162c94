/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel as an ELF file with symbols, where there is one: the code of its functions. */
#pragma once

#include "probe.h"

/*
 * Fills code, code_size and code_file of a match inside of a kernel function; leaves them alone
 * when no such file is found, or the function is not in it. An error when the file that the user
 * named cannot be read, or the place is beyond the function's end.
 */
struct error *vmlinux_code(
	const struct probe_world *world, struct arena *arena, struct probe_match *match);
