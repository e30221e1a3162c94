/* SPDX-License-Identifier: Apache-2.0 */
/* Statements. */
#pragma once

#include "emitter.h"

/* Statements in order; what follows them can be generated although one may have been a jump. */
void stmt_emit_all(struct emitter *e, struct node *head);
void stmt_emit(struct emitter *e, struct node *node);
