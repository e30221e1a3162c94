/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of the types of aggregations (types_parameters), as in "min=0,max=10,step=2". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* False when the list has no such parameter, or it is no number. */
bool parameter_number(const char *list, const char *name, uint64_t *ret);

/* Whether the list has the parameter with this value. */
bool parameter_is(const char *list, const char *name, const char *value);
