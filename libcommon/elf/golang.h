/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs made by the Go compiler: goroutines move their stacks, so a return address that the
 * kernel put there (a uretprobe) is taken for a broken stack, and the program dies.
 */
#pragma once

#include "elf.h"

bool golang_made(struct elf *elf);
