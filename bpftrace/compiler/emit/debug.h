/* SPDX-License-Identifier: Apache-2.0 */
/* Debug information: the lines of the code, from which the line information of the object is made.
 */
#pragma once

#include "emitter.h"

/* Makes e->module, with a compile unit and a file for each source. */
void debug_init(struct emitter *e);

/* Sets the code that the instructions built from here on are for. */
void debug_location(struct emitter *e, struct span span);

/* The same for the branch back of a loop whose iterations nothing bounds. */
void debug_location_of_loop(struct emitter *e, struct span span);

/* Returns the code that a line of the debug information stands for; NULL when there is none. */
const struct manifest_statement *debug_statement(const struct emitter *e, uint32_t line);

/* Returns the debug entry of a function at span, whose count parameters are all of one type and
 * have the names given. */
LLVMMetadataRef debug_subprogram(struct emitter *e, const char *name, bool is_static,
	LLVMMetadataRef parameter, const char *const *parameters, size_t count, struct span span);
