/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses of symbols in the program or library that is probed. A file that is not
 * position-independent has them; of others they are as far from the probe in memory as in the file.
 */
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/helper.h"
#include "bpftrace/compiler/emit/ir.h"
#include "libcommon/elf/elf.h"
#include "libcommon/host/feature.h"
#include "builtin_table.h"

/* A symbol, and the probe, in the file. */
struct symbol_place {
	uint64_t address;
	uint64_t size; /* bytes; 0 when not known */
	uint64_t probe;
	bool is_fixed; /* addresses in memory are those of the file */
};

static const struct probe_match *match_of(const struct unit *unit)
{
	return &unit->matches.items[0];
}

static const char *symbol_of(struct node *node)
{
	return node_string(node_call(node)->arguments)->text;
}

/* False when the file cannot be read, or has no such symbol. */
static bool find_symbol(const struct compilation *c, const struct unit *unit, const char *name,
	struct symbol_place *ret)
{
	const struct probe_match *match = match_of(unit);
	_cleanup_elf_ struct elf *elf = NULL;
	_cleanup_error_ struct error *error = elf_open(c->host, match->target, &elf);

	if (error || !elf_symbol_address(elf, name, &ret->address, &ret->size) ||
		!elf_code_address(elf, match->address, &ret->probe))
		return false;
	ret->is_fixed = elf_is_fixed(elf);
	return true;
}

static bool is_in_file(const struct unit *unit)
{
	return match_of(unit)->attach == ATTACH_UPROBE;
}

/* A pointer to a number of the symbol's size, where there are such numbers. */
static void infer_uaddr(struct compilation *c, struct unit *unit, struct node *node)
{
	struct symbol_place place = {};
	uint32_t size = sizeof(uint64_t);

	if (node->type)
		return;
	if (is_in_file(unit) && find_symbol(c, unit, symbol_of(node), &place) &&
		(place.size == 1 || place.size == 2 || place.size == 4))
		size = (uint32_t)place.size;
	node->type = types_pointer(c->types, types_integer(c->types, size, false), ADDRESS_USER);
}

static void check_uaddr(struct compilation *c, struct unit *unit, struct node *node)
{
	const struct probe_match *match = match_of(unit);
	struct symbol_place place = {};

	if (!is_in_file(unit)) {
		diag_error(c->diags, node->span, "uaddr can not be used with \"%s\" probes",
			match->type->name);
		diag_hint(c->diags, "it can be used with uprobes, uretprobes and usdt");
		return;
	}
	if (!find_symbol(c, unit, symbol_of(node), &place)) {
		diag_error(c->diags, node->span, "Could not resolve symbol: %s:%s", match->target,
			symbol_of(node));
		return;
	}
	if (!place.is_fixed && unit->context == CONTEXT_REGS_RETURN &&
		!(c->request->features & FEATURE_BIT(FEATURE_UPROBE_MULTI)))
		diag_error(c->diags, node->span,
			"uaddr at a return from a position-independent file needs Linux 6.6");
}

/* The address of the probe in memory. */
static LLVMValueRef probe_address(struct emitter *e)
{
	if (e->unit->context == CONTEXT_REGS_RETURN) {
		e->features |= FEATURE_BIT(FEATURE_UPROBE_MULTI);
		return helper_call(e, HELPER_get_func_ip, HELPER_ARGS(e->function->context));
	}
	return ir_load_volatile(
		e, ir_offset(e, e->function->context, e->arch->ip), sizeof(uint64_t), false);
}

static struct value emit_uaddr(struct emitter *e, struct node *node)
{
	struct symbol_place place = {};

	find_symbol(e->c, e->unit, symbol_of(node), &place);
	if (place.is_fixed)
		return value_register(node->type, ir_const(e, place.address));
	return value_register(node->type, LLVMBuildAdd(e->builder, probe_address(e),
						  ir_const(e, place.address - place.probe), ""));
}

const struct builtin builtins_uaddr[] = {
	{
		.name = "uaddr",
		.doc = "the address of a symbol of the program or library that is probed",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_USES_FILE,
		.prototypes = {"uaddr(literal name) uint64"},
		.infer = infer_uaddr,
		.check = check_uaddr,
		.emit = emit_uaddr,
	},
	{},
};
