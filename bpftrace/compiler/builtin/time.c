/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks. */
#include <string.h>

#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/helper.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/record.h"
#include "libcommon/host/feature.h"
#include "builtin_table.h"

/* --- nsecs --- */

enum clock {
	CLOCK_OF_BOOT, /* the default */
	CLOCK_OF_MONOTONIC,
	CLOCK_OF_TAI,
	CLOCK_OF_SW_TAI,
};

static enum clock clock_of(struct node *node)
{
	static const char *const words[] = {
		[CLOCK_OF_BOOT] = "boot",
		[CLOCK_OF_MONOTONIC] = "monotonic",
		[CLOCK_OF_TAI] = "tai",
		[CLOCK_OF_SW_TAI] = "sw_tai",
	};
	struct node *mode = node->kind == NODE_CALL ? node_call(node)->arguments : NULL;

	for (size_t i = 0; mode && i < ARRAY_SIZE(words); i++)
		if (!strcmp(node_identifier(mode)->name, words[i]))
			return (enum clock)i;
	return CLOCK_OF_BOOT;
}

static void check_nsecs(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	if (clock_of(node) != CLOCK_OF_TAI || c->request->features & FEATURE_BIT(FEATURE_TAI))
		return;
	diag_error(
		c->diags, node->span, "nsecs(tai): this kernel lacks %s", feature_doc(FEATURE_TAI));
	diag_hint(c->diags, "nsecs(sw_tai) works on every kernel");
}

static struct value emit_nsecs(struct emitter *e, struct node *node)
{
	enum helper helper = HELPER_ktime_get_boot_ns;
	enum clock clock = clock_of(node);

	if (clock == CLOCK_OF_MONOTONIC)
		helper = HELPER_ktime_get_ns;
	if (clock == CLOCK_OF_TAI) {
		helper = HELPER_ktime_get_tai_ns;
		e->features |= FEATURE_BIT(FEATURE_TAI);
	}
	LLVMValueRef now = helper_call(e, helper, NULL, 0);

	if (clock == CLOCK_OF_SW_TAI) {
		LLVMValueRef offset = ir_load_volatile(e, ir_state(e, STATE_tai_offset), 8, false);

		now = LLVMBuildAdd(e->builder, now, offset, "");
		e->manifest->follows_tai = true;
	}
	return value_register(node->type, now);
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

static struct value emit_hz(struct emitter *e, struct node *node)
{
	return value_register(node->type, ir_run_constant(e, CONSTANT_hz));
}

/* --- the time of day --- */

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

/* Never empty, since an empty parameter is none. */
static void infer_strftime(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *format = node_call(node)->arguments;

	if (format && format->kind == NODE_STRING)
		node->type = types_with_meaning(c->types, MEANING_TIMESTAMP, type_uint64(c),
			arena_printf(c->arena, "format=%s", node_string(format)->text));
}

static void check_strftime(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *format = node_call(node)->arguments;

	if (strlen(node_string(format)->text) != node_string(format)->length)
		diag_error(c->diags, format->span, "strftime: the format contains a NUL byte");
}

static void emit_strftime(struct emitter *e, struct node *node, struct place place)
{
	struct node *stamp = node_call(node)->arguments->next;

	ir_store(e, place.address, expr_register(e, stamp), sizeof(uint64_t));
}

const struct builtin builtins_time[] = {
	{
		.name = "nsecs",
		.doc = "nanoseconds since boot, suspended time included, or those of another clock",
		.needs = "Linux 6.1 for tai",
		.prototypes = {"nsecs uint64", "nsecs() uint64",
			"nsecs(monotonic|boot|tai|sw_tai mode) uint64"},
		.check = check_nsecs,
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
		.name = "HZ",
		.doc = "jiffies in a second",
		.prototypes = {"HZ uint64"},
		.emit = emit_hz,
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
	{
		.name = "strftime",
		.doc = "a time in nanoseconds since boot as text, by a strftime(3) format with %f "
		       "for the microseconds",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"strftime(literal format, int nsecs) timestamp"},
		.infer = infer_strftime,
		.check = check_strftime,
		.emit_into = emit_strftime,
	},
	{},
};
