/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks. */
#include <string.h>

#include "bpftrace/compiler/emit/ir.h"
#include "builtin_table.h"

static struct value emit_nsecs(struct emitter *e, struct node *node)
{
	return value_register(node->type, helper_call(e, HELPER_ktime_get_boot_ns, NULL, 0));
}

static struct value emit_elapsed(struct emitter *e, struct node *node)
{
	LLVMValueRef now = helper_call(e, HELPER_ktime_get_boot_ns, NULL, 0);
	LLVMValueRef start = ir_load(e, ir_state(e, STATE_start), 8, false);
	return value_register(node->type, LLVMBuildSub(e->builder, now, start, ""));
}

static struct value emit_jiffies(struct emitter *e, struct node *node)
{
	return value_register(node->type, helper_call(e, HELPER_jiffies64, NULL, 0));
}

static struct value emit_time(struct emitter *e, struct node *node)
{
	static const char standard[] = "%H:%M:%S\n";
	struct node *format = node_call(node)->arguments;
	uint32_t site = record_site(e, node, ACTION_TIME);
	struct manifest_site *row = record_site_row(e, site);
	row->text = format ? node_string(format)->text : standard;
	row->text_length = format ? node_string(format)->length : strlen(standard);
	record_send(e, site, NULL);
	return value_none();
}

const struct builtin builtins_time[] = {
	{
		.name = "nsecs",
		.doc = "nanoseconds since boot, suspended time included",
		.prototypes = {"nsecs uint64", "nsecs() uint64"},
		.emit = emit_nsecs,
	},
	{
		.name = "elapsed",
		.doc = "nanoseconds since tracing began",
		.prototypes = {"elapsed uint64"},
		.emit = emit_elapsed,
	},
	{
		.name = "jiffies",
		.doc = "the kernel's jiffies",
		.prototypes = {"jiffies uint64"},
		.emit = emit_jiffies,
	},
	{
		.name = "time",
		.doc = "prints the time of day by a strftime(3) format, \"%H:%M:%S\\n\" if left "
		       "out",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_ASYNC,
		.prototypes = {"time([literal format]) void"},
		.emit = emit_time,
	},
	{},
};
