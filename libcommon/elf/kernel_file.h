/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel as a file with symbols, vmlinux, which only some machines have. */
#pragma once

#include "build_id.h"

/* Where distributions put that of the running kernel: the path of number index, in arena; NULL
 * behind the last. */
const char *kernel_file_path(const struct host *host, size_t index, struct arena *arena);

/* The build id of the running kernel (/sys/kernel/notes); none when it cannot be read. */
struct build_id kernel_file_id(const struct host *host);

/* The build id in a file of such notes. */
struct build_id kernel_notes_id(const struct host *host, const char *path);
