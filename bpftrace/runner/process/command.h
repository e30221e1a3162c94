/* SPDX-License-Identifier: Apache-2.0 */
/* The program of a command: its file, and why the kernel cannot run it. */
#pragma once

#include "libcommon/base/arena.h"
#include "libcommon/base/error.h"

/*
 * Finds the program as a shell does: a name with a slash is a path, any other is looked up in the
 * directories of PATH. *ret is name itself or in arena. The error names the cause: missing,
 * a directory, not executable, no program, or without its interpreter.
 */
struct error *command_find(const char *name, struct arena *arena, const char **ret);
