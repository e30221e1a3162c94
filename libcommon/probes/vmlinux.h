/* SPDX-License-Identifier: Apache-2.0 */
/* Code of kernel functions, from a vmlinux file with symbols where there is one. */
#pragma once

#include "probe.h"

/*
 * Sets code, code_size and code_file of a match inside a kernel function; leaves them unchanged
 * when no such file is found, or it lacks the function. Returns an error when the file that the
 * user named cannot be read, or the offset is beyond the function's end.
 */
struct error *vmlinux_code(
	const struct probe_world *world, struct arena *arena, struct probe_match *match);
