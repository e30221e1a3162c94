/* SPDX-License-Identifier: Apache-2.0 */
/* What scripts report about themselves: messages with the place of the call, and text for
 * debugging. */
#include <string.h>

#include "bpftrace/compiler/check/check.h"
#include "bpftrace/compiler/emit/compare.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/record.h"
#include "bpftrace/compiler/emit/seqfile.h"
#include "libcommon/base/format.h"
#include "builtin_table.h"
#include "control.h"
#include "print.h"

static struct value emit_errorf(struct emitter *e, struct node *node)
{
	return print_emit_formatted(e, node, ACTION_ERRORF);
}

static struct value emit_warnf(struct emitter *e, struct node *node)
{
	return print_emit_formatted(e, node, ACTION_WARNF);
}

/* --- assert --- */

static void check_assert(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	check_condition(c, node_call(node)->arguments);
}

static struct value emit_assert(struct emitter *e, struct node *node)
{
	static const char format[] = "assert failed: %s";
	struct node *condition = node_call(node)->arguments;
	LLVMBasicBlockRef failed = ir_block(e, "failed"), after = ir_block(e, "holds");

	ir_branch(e, compare_condition(e, condition), after, failed);
	ir_begin(e, failed);
	uint32_t site = record_site(e, node, ACTION_ERRORF);
	struct manifest_site *row = record_site_row(e, site);

	row->text = format;
	row->text_length = strlen(format);
	record_send(e, site, condition->next);
	control_exit(e, node, ir_const(e, 1));
	ir_begin(e, after);
	return value_none();
}

/* --- debugf --- */

static void check_debugf(struct compilation *c, struct unit *unit, struct node *node)
{
	const struct string *text = node_string(node_call(node)->arguments);
	_cleanup_(format_deinit) struct format format = {};
	size_t values = node_count(text->node.next);
	_cleanup_error_ struct error *error =
		format_parse(text->text, text->length, values, &format);
	const char *refusal = error ? NULL : seqfile_refusal_of_trace(&format);

	print_check_formatted(c, unit, node);
	if (refusal)
		diag_error(c->diags, node->span, "debugf: the kernel cannot print %s", refusal);
	diag_warning(c->diags, node->span,
		"debugf() writes to the trace_pipe, which the whole machine shares: it is for "
		"debugging only");
	diag_hint(c->diags, "read it in /sys/kernel/tracing/trace_pipe");
}

static struct value emit_debugf(struct emitter *e, struct node *node)
{
	struct string *text = node_string(node_call(node)->arguments);
	_cleanup_(format_deinit) struct format format = {};

	error_free(format_parse(text->text, text->length, node_count(text->node.next), &format));
	seqfile_trace(e, &format, text->node.next);
	return value_none();
}

const struct builtin builtins_report[] = {
	{
		.name = "errorf",
		.doc = "prints an error with the place of the call, by a format as printf does",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_ASYNC | BUILTIN_NEWER,
		.prototypes = {"errorf(literal format, any...) void"},
		.check = print_check_formatted,
		.emit = emit_errorf,
	},
	{
		.name = "warnf",
		.doc = "prints a warning with the place of the call, by a format as printf does",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_ASYNC | BUILTIN_NEWER,
		.prototypes = {"warnf(literal format, any...) void"},
		.check = print_check_formatted,
		.emit = emit_warnf,
	},
	{
		.name = "assert",
		.doc = "ends tracing with an error and the status 1 unless the condition holds",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_ASYNC | BUILTIN_NEWER,
		.prototypes = {"assert(number condition, literal message) void"},
		.check = check_assert,
		.emit = emit_assert,
	},
	{
		.name = "debugf",
		.doc = "writes a line to the kernel's trace_pipe, by a format as printf does with "
		       "up to 3 values",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_STATEMENT | BUILTIN_NEWER,
		.prototypes = {"debugf(literal format, any...) void"},
		.check = check_debugf,
		.emit = emit_debugf,
	},
	{},
};
