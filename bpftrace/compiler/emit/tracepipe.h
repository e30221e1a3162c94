/* SPDX-License-Identifier: Apache-2.0 */
/* Output for debugging, to the kernel's trace_pipe. */
#pragma once

#include "emitter.h"

/* Writes a line about the current span when the setting debug_output is on. */
void tracepipe_write(struct emitter *e, const char *format, ...) _printf_(2, 3);
