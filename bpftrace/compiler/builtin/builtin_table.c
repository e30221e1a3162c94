/* SPDX-License-Identifier: Apache-2.0 */
#include "builtin_table.h"

#include "libcommon/base/attributes.h"

const struct builtin *const builtin_table[] = {
	builtins_process,
	builtins_task,
	builtins_time,
	builtins_uaddr,
	builtins_args,
	builtins_stack,
	builtins_kaddr,
	builtins_string,
	builtins_text,
	builtins_memory,
	builtins_path,
	builtins_network,
	builtins_cgroup,
	builtins_packet,
	builtins_print,
	builtins_report,
	builtins_join,
	builtins_map,
	builtins_name,
	builtins_options,
	builtins_aggregate,
	builtins_histogram,
	builtins_series,
	builtins_control,
	builtins_comptime,
};

const size_t builtin_table_count = ARRAY_SIZE(builtin_table);
