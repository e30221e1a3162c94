/* SPDX-License-Identifier: Apache-2.0 */
/* All builtins: the rows of every family file, as the pipeline hands them in. */
#pragma once

#include "bpftrace/compiler/ast/builtin.h"

extern const struct builtin *const builtin_table[];
extern const size_t builtin_table_count;
