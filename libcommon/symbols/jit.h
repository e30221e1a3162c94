/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Perf maps of processes (perf_map.h). A process writes its map below its own root under the number
 * that it has in its own pid namespace; the root is kept open, since the map may be asked for after
 * the process has exited.
 */
#pragma once

#include "libcommon/host/host.h"
#include "symbol_table.h"

struct jits;

/* host is borrowed. */
struct jits *jits_new(const struct host *host);
void jits_free(struct jits *jits); /* NULL-safe */

/* Keeps the root of a process that has mapped code without a file, while it lives. */
void jits_keep(struct jits *jits, int32_t pid);

/* The name of an address from the map of the process, which is read again when it has grown; the
 * name is valid until the next call. */
bool jits_find(struct jits *jits, int32_t pid, uint64_t address, struct symbol_found *ret);
