/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of code that a run-time compiler has made, as it lists them in /tmp/perf-PID.map. Source:
 * tools/perf/Documentation/jit-interface.txt of the kernel; a line is "START SIZE NAME" with
 * hexadecimal numbers, and a name may have blanks. Code that was compiled again at an address is
 * listed again.
 */
#pragma once

#include "symbol_table.h"

/* Adds the symbols of a file's content, and finishes the table. Malformed lines are ignored; of
 * lines for one address the last counts. */
void perf_map_parse(const char *text, size_t size, struct symbol_table *table);
