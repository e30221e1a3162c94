/* SPDX-License-Identifier: Apache-2.0 */
/* --fmt: scripts in their standard form, which the compiler makes. */
#pragma once

struct options;

/* Formats all files of the options, or the text of -e; reports errors and goes on. Returns the exit
 * status: 1 after an error, and with --check when any script is not in standard form. */
int formatting_run(struct options *options);
