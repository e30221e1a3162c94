/* SPDX-License-Identifier: Apache-2.0 */
/* Statements. */
#pragma once

#include "emitter.h"

void stmt_emit(struct emitter *e, struct node *node);
