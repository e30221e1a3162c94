/* SPDX-License-Identifier: Apache-2.0 */
/* Aggregations as numbers. */
#pragma once

#include "emitter.h"

/* Returns the number that an aggregation in memory stands for, as i64; of STATS it is the average.
 */
LLVMValueRef aggregation_number(struct emitter *e, struct value aggregation);

/* Returns the low 64 bits of the total of an AVG or STATS. */
LLVMValueRef aggregation_total(struct emitter *e, struct value average);
