/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of arrays. */
#pragma once

#include "emitter.h"

/* Returns an element, zero outside of an array whose length is known. */
struct value index_emit(struct emitter *e, struct index *node);
