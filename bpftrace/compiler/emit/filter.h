/* SPDX-License-Identifier: Apache-2.0 */
/* The filter of a block. */
#pragma once

#include "emitter.h"

/* Branches to function->leave unless the filter holds. */
void filter_emit(struct emitter *e, struct node *filter);
