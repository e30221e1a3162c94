/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of programs and libraries that a return probe would break. */
#pragma once

#include "function.h"
#include "libcommon/elf/elf.h"
#include "probe.h"

/*
 * Why the function must not have a return probe; NULL when no reason is known, or --unsafe permits
 * it.
 */
const char *return_danger(
	const struct probe_world *world, struct elf *elf, const struct function *function);
