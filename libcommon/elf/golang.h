/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs made by the Go compiler: goroutines move their stacks, so a return address that the
 * kernel put there (a uretprobe) is a corrupt stack for the runtime, which aborts the program.
 */
#pragma once

#include "elf.h"

bool golang_made(struct elf *elf);
