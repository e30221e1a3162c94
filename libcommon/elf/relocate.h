/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Object files and kernel modules have no addresses: sections begin at 0, and debug information
 * refers to them by relocations.
 */
#pragma once

#include "elf.h"

/*
 * Puts in place of *elf, if that is such a file, one whose sections have addresses, one behind the
 * other, by which its functions and its debug information are then known. What it is for is chosen
 * by the caller: a file that is trusted, since libdw relocates as it says.
 */
struct error *relocate(struct elf **elf);
