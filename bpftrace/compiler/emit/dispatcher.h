/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that the system calls of a script share. */
#pragma once

#include "program.h"

/* Emits the programs for the blocks of a list, entries or exits, and adds their links and probes to
 * the manifest. name: of the first program. */
void dispatcher_emit(struct emitter *e, enum context_kind kind, const char *name,
	const struct dispatched *list, size_t count);
