/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of variables and temporaries. */
#pragma once

#include "emitter.h"

enum {
	STACK_MOST = 64, /* bytes of one object on the stack */
};

/* Returns the place of a variable in the current function. */
struct place variable_place(struct emitter *e, const struct variable *variable);

/* Allocates the variables that live in an iteration of a loop, or in the block (NULL), and sets
 * them to zeros; called at the start of the function. */
void variable_place_all(struct emitter *e, const struct for_loop *loop);

/* Before and after a call of a loop's body: store the variables that it shares in scratch memory,
 * and load those that it changes. */
void variable_spill(struct emitter *e);
void variable_reload(struct emitter *e);

/* In the body of a loop: load copies of the variables of the functions around it, at its start, and
 * store those that it changes, before each return. */
void variable_load_copies(struct emitter *e);
void variable_store_copies(struct emitter *e);

/* Sets a variable to zeros. */
void variable_clear(struct emitter *e, const struct variable *variable);

/* Returns a padded place until the end of the statement: on the stack, or in scratch memory when it
 * is large or has strings. */
struct place variable_temporary(struct emitter *e, uint32_t type);

/* Return memory of size bytes, aligned to 8, until the end of the statement: on the stack (small
 * sizes only), and in scratch memory. */
LLVMValueRef variable_stack(struct emitter *e, uint32_t size);
LLVMValueRef variable_scratch(struct emitter *e, uint32_t size);
