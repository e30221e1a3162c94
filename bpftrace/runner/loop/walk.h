/* SPDX-License-Identifier: Apache-2.0 */
/* Iterators: reading such a file makes the kernel call the script's program for each of its
 * objects. */
#pragma once

#include "run.h"

/* Reads the file to its end, handling records as they come, unless exit() or a signal ends the run
 * first. */
struct error *walk_read(struct run *run, int fd);
