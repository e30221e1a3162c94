/* SPDX-License-Identifier: Apache-2.0 */
/* What the traced event brings along: arguments, result, and its own name. */
#include <stdlib.h>
#include <string.h>

#include "bpftrace/compiler/bind/infer.h"
#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/context/context.h"
#include "bpftrace/compiler/emit/ir.h"
#include "libcommon/base/suggest.h"
#include "libcommon/host/arch.h"
#include "builtin_table.h"

/* Probes of bpftrace itself are of no type that scripts tell apart. */
static const char *probe_type(const struct unit *unit)
{
	const struct probe_ops *type = unit->matches.items[0].type;

	return type->is_special ? "special" : type->name;
}

static uint32_t argument_number(struct node *node)
{
	const char *name = node_identifier(node)->name;

	return strtoul(name + strcspn(name, "0123456789"), NULL, 10);
}

/* The operand of a static probe's argument; NULL when the probe has fewer. */
static const struct operand *find_operand(struct unit *unit, struct node *node)
{
	const struct operands *operands = unit->matches.items[0].operands;
	uint32_t number = argument_number(node);

	return number < operands->count ? &operands->items[number] : NULL;
}

static uint32_t register_type(struct compilation *c, bool is_signed)
{
	return types_widened(c->types, 0, is_signed);
}

/* sargN and reg() */
static void infer_register(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	node->type = register_type(c, false);
}

static void infer_arg(struct compilation *c, struct unit *unit, struct node *node)
{
	node->type = register_type(c, false);
	if (unit->context != CONTEXT_USDT)
		return;
	const struct operand *operand = find_operand(unit, node);

	if (operand)
		node->type = types_integer(c->types, operand->size, operand->is_signed);
}

/* Which arguments there are, and where, is known of static probes only. */
static void check_arg(struct compilation *c, struct unit *unit, struct node *node)
{
	if (unit->context != CONTEXT_USDT)
		return;
	const char *probe = unit->matches.items[0].name;
	const struct operand *operand = find_operand(unit, node);

	if (!operand)
		diag_error(c->diags, node->span, "%s has %zu argument%s, there is no %s", probe,
			unit->matches.items[0].operands->count,
			unit->matches.items[0].operands->count == 1 ? "" : "s",
			node_identifier(node)->name);
	else if (operand->kind == OPERAND_OTHER)
		diag_error(c->diags, node->span, "%s of %s cannot be read: it is %s (%s)",
			node_identifier(node)->name, probe, operand->why, operand->text);
}

static struct value emit_arg(struct emitter *e, struct node *node)
{
	return context_find(e->unit->context)->argument(e, argument_number(node), node->type);
}

static struct value emit_sarg(struct emitter *e, struct node *node)
{
	const struct context_ops *row = context_find(e->unit->context);

	return row->stack_argument(e, argument_number(node), node->type);
}

static struct value emit_retval(struct emitter *e, struct node *node)
{
	return context_find(e->unit->context)->result(e, node->type);
}

/* At the return of functions that types describe it has their type, else it is a number. */
static void infer_retval(struct compilation *c, struct unit *unit, struct node *node)
{
	struct types_member member;

	if (types_member(c->types, unit->args, "retval", &member))
		node->type = types_is_integer(c->types, member.type)
				     ? infer_stored(c, member.type)
				     : types_strip(c->types, member.type);
	else if (unit->context != CONTEXT_FEXIT)
		node->type = register_type(c, true);
}

/* Of a program's function that is known to return nothing, it is what happens to be there. */
static void check_retval(struct compilation *c, struct unit *unit, struct node *node)
{
	const struct probe_match *match = &unit->matches.items[0];
	const struct operands *operands = match->operands;

	if (!node->type)
		diag_error(c->diags, node->span, "%s returns nothing", match->function);
	else if (operands && operands->count == 0 && !match->optional)
		diag_warning(c->diags, node->span,
			"%s returns nothing: retval is what a register happens to hold",
			match->function);
	else if (operands && operands->count && operands->items[0].kind == OPERAND_OTHER)
		diag_error(c->diags, node->span, "retval of %s cannot be read: it is %s",
			match->name, operands->items[0].why);
}

/* The program's context, of a type of the kernel's BTF. */
static void infer_ctx(struct compilation *c, struct unit *unit, struct node *node)
{
	node->type = types_pointer(c->types, unit->args, ADDRESS_KERNEL);
}

static struct value emit_ctx(struct emitter *e, struct node *node)
{
	return value_register(
		node->type, LLVMBuildPtrToInt(e->builder, e->function->context, e->i64, ""));
}

/* Whether programs can read a member of the unit's args, which they can where these have no
 * operands. */
static bool is_readable(const struct unit *unit, uint32_t index)
{
	const struct operands *operands = unit->matches.items[0].operands;

	return !operands || operands->items[index].kind != OPERAND_OTHER;
}

/* The struct of the record, where what is in its tail has become a member, without what cannot be
 * read. */
static uint32_t args_type(struct compilation *c, const struct unit *unit)
{
	uint32_t args = unit->args, count = types_member_count(c->types, args);
	uint32_t changed = 0, kept = 0;
	struct types_field *fields = arena_array(c->arena, struct types_field, count + 1);
	_cleanup_str_ struct str name = STR_INIT;

	for (uint32_t i = 0; i < count; i++) {
		struct types_member member = types_member_at(c->types, args, i);
		bool is_located = types_is_located(c->types, member.type);

		changed += is_located || !is_readable(unit, i);
		if (is_readable(unit, i))
			fields[kept++] = (struct types_field){member.name,
				is_located ? infer_loaded(c, member.type) : member.type};
	}
	if (!changed)
		return args;
	types_spell(c->types, args, &name);
	return types_struct(c->types, str_text(&name) + strlen("struct "), fields, kept);
}

static void infer_args(struct compilation *c, struct unit *unit, struct node *node)
{
	if (!node->type)
		node->type = args_type(c, unit);
}

/* The whole record, member by member. */
static void emit_args(struct emitter *e, struct node *node _unused_, struct place place)
{
	const struct types *types = e->c->types;
	const struct context_ops *row = context_find(e->unit->context);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < types_member_count(types, e->unit->args); i++) {
		if (!is_readable(e->unit, i))
			continue;

		struct types_member from = types_member_at(types, e->unit->args, i);
		struct types_member to = types_member_at(types, place.type, kept++);

		access_copy(e, row->member(e, from, i), access_part(e, place, to));
	}
}

static void infer_probe(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	node->type = types_with_meaning(c->types, MEANING_PROBE, type_uint64(c), NULL);
}

static void infer_func(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	node->type = types_with_meaning(c->types, MEANING_FUNC, type_uint64(c), NULL);
}

static struct value emit_probe(struct emitter *e, struct node *node)
{
	LLVMValueRef number = LLVMBuildLShr(e->builder, e->function->probe, ir_const(e, 32), "");

	return value_register(node->type, number);
}

static struct value emit_func(struct emitter *e, struct node *node)
{
	LLVMValueRef number =
		LLVMBuildAnd(e->builder, e->function->probe, ir_const(e, UINT32_MAX), "");

	return value_register(node->type, number);
}

static void check_reg(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *name = node_call(node)->arguments;
	const struct arch *arch = host_arch(c->host);
	struct suggestion suggestion = suggest_start(node_string(name)->text);
	uint16_t offset;

	if (arch_register(arch, node_string(name)->text, &offset))
		return;
	for (size_t i = 0; i < arch->register_count; i++)
		suggest_offer(&suggestion, arch->registers[i].name);
	diag_error(c->diags, name->span, "'%s' is not a valid register on this architecture (%s)",
		node_string(name)->text, arch->name);
	if (suggestion.best)
		diag_hint(c->diags, "did you mean '%s'?", suggestion.best);
}

static struct value emit_reg(struct emitter *e, struct node *node)
{
	uint16_t offset = 0;

	arch_register(e->arch, node_string(node_call(node)->arguments)->text, &offset);
	LLVMValueRef address = ir_offset(e, e->function->context, offset);

	return value_register(node->type, ir_load_volatile(e, address, sizeof(uint64_t), false));
}

const struct builtin builtins_args[] = {
	{
		.name = "args",
		.doc = "the arguments of the traced event, by name",
		.flags = BUILTIN_STEADY | BUILTIN_USES_ARGS | BUILTIN_ARGS_STRUCT,
		.contexts = CONTEXT_BIT(CONTEXT_RECORD) | CONTEXT_BIT(CONTEXT_SYSCALL_ENTER) |
			    CONTEXT_BIT(CONTEXT_SYSCALL_EXIT) | CONTEXT_BIT(CONTEXT_FENTRY) |
			    CONTEXT_BIT(CONTEXT_FEXIT) | CONTEXT_BIT(CONTEXT_RAW) |
			    CONTEXT_BIT(CONTEXT_REGS),
		.where = "tracepoints, raw tracepoints, kfuncs, kretfuncs, and uprobes of programs "
			 "with debug information",
		.prototypes = {"args any"},
		.infer = infer_args,
		.emit_into = emit_args,
	},
	{
		.name = "arg",
		.doc = "arg0, arg1, …: an argument of the traced function, 64 bits wide",
		.flags = BUILTIN_NUMBERED | BUILTIN_STEADY | BUILTIN_USES_VALUES,
		.contexts = CONTEXT_BIT(CONTEXT_REGS) | CONTEXT_BIT(CONTEXT_RAW) |
			    CONTEXT_BIT(CONTEXT_USDT),
		.where = "kprobes, uprobes, static probes and raw tracepoints",
		.prototypes = {"arg any"},
		.infer = infer_arg,
		.check = check_arg,
		.emit = emit_arg,
	},
	{
		.name = "sarg",
		.doc = "sarg0, sarg1, …: a word of the traced function's arguments on the stack",
		.flags = BUILTIN_NUMBERED | BUILTIN_USES_VALUES,
		.contexts = CONTEXT_BIT(CONTEXT_REGS),
		.where = "kprobes and uprobes",
		.prototypes = {"sarg uint64"},
		.infer = infer_register,
		.emit = emit_sarg,
	},
	{
		.name = "retval",
		.doc = "value that the traced function returned",
		.flags = BUILTIN_STEADY | BUILTIN_USES_VALUES,
		.contexts = CONTEXT_BIT(CONTEXT_REGS_RETURN) | CONTEXT_BIT(CONTEXT_FEXIT),
		.where = "kretprobes, uretprobes and kretfuncs",
		.prototypes = {"retval int64"},
		.infer = infer_retval,
		.check = check_retval,
		.emit = emit_retval,
	},
	{
		.name = "ctx",
		.doc = "the object that an iterator visits: a pointer to the kernel's struct for "
		       "it",
		.flags = BUILTIN_STEADY | BUILTIN_USES_ARGS,
		.contexts = CONTEXT_BIT(CONTEXT_ITER),
		.where = "iterators",
		.prototypes = {"ctx any"},
		.infer = infer_ctx,
		.emit = emit_ctx,
	},
	{
		.name = "probe",
		.doc = "full name of the probe",
		.flags = BUILTIN_STEADY | BUILTIN_USES_PROBE,
		.prototypes = {"probe any"},
		.infer = infer_probe,
		.emit = emit_probe,
	},
	{
		.name = "probetype",
		.doc = "type of the probe, as \"kprobe\"; \"special\" for begin and end",
		.flags = BUILTIN_STEADY | BUILTIN_NEWER | BUILTIN_USES_TYPE,
		.prototypes = {"probetype string"},
		.text = probe_type,
	},
	{
		.name = "func",
		.doc = "name of the traced function",
		.flags = BUILTIN_STEADY | BUILTIN_USES_PROBE,
		.prototypes = {"func any"},
		.infer = infer_func,
		.emit = emit_func,
	},
	{
		.name = "reg",
		.doc = "content of a register of the processor",
		.kind = BUILTIN_FUNCTION,
		.contexts = CONTEXT_BIT(CONTEXT_REGS) | CONTEXT_BIT(CONTEXT_REGS_RETURN) |
			    CONTEXT_BIT(CONTEXT_USDT),
		.where = "kprobes, kretprobes, uprobes, uretprobes and usdt",
		.prototypes = {"reg(literal name) uint64"},
		.infer = infer_register,
		.check = check_reg,
		.emit = emit_reg,
	},
	{},
};
