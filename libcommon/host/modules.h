/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel modules that are not loaded but could be, found by libkmod. */
#pragma once

#include "host.h"

/*
 * The module that `modprobe NAME` would load for this kernel: NAME itself, in the spelling of the
 * kernel, or what it is an alias of. Returns a text in arena, NULL when there is none
 * or the kernel has it built in.
 */
const char *modules_find(const struct host *host, const char *name, struct arena *arena);

/* The module that exports a symbol, in the same way. */
const char *modules_find_symbol(const struct host *host, const char *symbol, struct arena *arena);
