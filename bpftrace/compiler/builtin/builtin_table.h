/* SPDX-License-Identifier: Apache-2.0 */
/* All builtins: the families, each an array of rows that ends with one without a name. */
#pragma once

#include "bpftrace/compiler/ast/builtin.h"

extern const struct builtin builtins_aggregate[], builtins_args[], builtins_cgroup[],
	builtins_comptime[], builtins_control[], builtins_histogram[], builtins_join[],
	builtins_kaddr[], builtins_map[], builtins_memory[], builtins_name[], builtins_network[],
	builtins_options[], builtins_packet[], builtins_path[], builtins_print[],
	builtins_process[], builtins_report[], builtins_series[], builtins_stack[],
	builtins_string[], builtins_task[], builtins_text[], builtins_time[], builtins_uaddr[];

extern const struct builtin *const builtin_table[];
extern const size_t builtin_table_count;
