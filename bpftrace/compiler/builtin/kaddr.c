/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses of symbols of the kernel, which the runner finds before loading. Of a variable that
 * each CPU has, that address is an offset: the kernel's array __per_cpu_offset has what is added to
 * it for each CPU.
 */
#include <string.h>

#include "bpftrace/compiler/bind/constant.h"
#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/helper.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/variable.h"
#include "builtin_table.h"

#define OFFSETS         "__per_cpu_offset"
#define PER_CPU_SECTION ".data..percpu"

/* The index of a symbol among those whose addresses are wanted. */
static size_t address_index(struct compilation *c, const char *name, struct span span, bool per_cpu)
{
	for (size_t i = 0; i < c->addresses.count; i++) {
		const struct kernel_address *address = &c->addresses.items[i];

		if (address->per_cpu == per_cpu && strcmp(address->name, name) == 0)
			return i;
	}
	vec_push(&c->addresses, ((struct kernel_address){name, span, per_cpu, false}));
	return c->addresses.count - 1;
}

static const char *symbol_of(struct node *node)
{
	return node_string(node_call(node)->arguments)->text;
}

/* The address with that index, i64. */
static LLVMValueRef load_address(struct emitter *e, size_t index)
{
	LLVMValueRef at = ir_offset(e, e->globals.addresses, index * sizeof(uint64_t));

	return ir_load_volatile(e, at, sizeof(uint64_t), false);
}

/* --- kaddr --- */

static void check_kaddr(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	node_call(node)->constant = address_index(c, symbol_of(node), node->span, false);
}

static struct value emit_kaddr(struct emitter *e, struct node *node)
{
	return value_register(node->type, load_address(e, node_call(node)->constant));
}

/* --- percpu_kaddr --- */

/* The section of the kernel's variables that each CPU has; NULL when the BTF has none, as that of
 * old kernels. */
static const struct btf_type *find_section(const struct btf *btf)
{
	int section = btf__find_by_name_kind(btf, PER_CPU_SECTION, BTF_KIND_DATASEC);

	return section < 0 ? NULL : btf__type_by_id(btf, (uint32_t)section);
}

static bool is_in_section(const struct btf_type *section, uint32_t variable)
{
	const struct btf_var_secinfo *info = btf_var_secinfos(section);

	for (uint32_t i = 0; i < btf_vlen(section); i++) {
		if (info[i].type == variable)
			return true;
	}
	return false;
}

/* The type of a variable that each CPU has; 0 when the BTF has none of the name. */
static uint32_t variable_type(struct compilation *c, const struct btf *btf, const char *name)
{
	const struct btf_type *section = find_section(btf);
	int variable = section ? btf__find_by_name_kind(btf, name, BTF_KIND_VAR) : -1;

	if (variable < 0 || !is_in_section(section, (uint32_t)variable))
		return 0;
	return types_import(c->types, btf, btf__type_by_id(btf, (uint32_t)variable)->type);
}

static void infer_percpu_kaddr(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	const struct node *name = node_call(node)->arguments;
	const struct btf *btf;
	uint32_t type = 0;

	if (node->type || !name || name->kind != NODE_STRING)
		return;

	_cleanup_error_ struct error *error = kbtf_btf(c->kbtf, &btf);

	if (!error)
		type = variable_type(c, btf, symbol_of(node));
	node->type = types_pointer(c->types, type ? type : type_uint64(c), ADDRESS_KERNEL);
}

static void check_percpu_kaddr(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	const char *name = symbol_of(node);
	const struct btf *btf;
	_cleanup_error_ struct error *error = kbtf_btf(c->kbtf, &btf);

	/* Without such types the runner looks the name up. */
	if (!error && find_section(btf) && !variable_type(c, btf, name)) {
		diag_error(
			c->diags, node->span, "Could not resolve variable \"%s\" from BTF", name);
		diag_hint(c->diags,
			"percpu_kaddr takes the names of per-CPU variables, kaddr takes "
			"those of all other symbols");
		return;
	}
	node_call(node)->constant = address_index(c, name, node->span, true);
	address_index(c, OFFSETS, node->span, false);
}

/* Where the variables of a CPU are, i64. */
static LLVMValueRef cpu_offset(struct emitter *e, LLVMValueRef cpu)
{
	LLVMValueRef offsets =
		load_address(e, address_index(e->c, OFFSETS, (struct span){}, false));
	LLVMValueRef index = LLVMBuildMul(e->builder, cpu, ir_const(e, sizeof(uint64_t)), "");
	LLVMValueRef memory = variable_stack(e, sizeof(uint64_t));

	access_read(e, STORAGE_KERNEL, memory, sizeof(uint64_t),
		LLVMBuildAdd(e->builder, offsets, index, ""));
	return ir_load(e, memory, sizeof(uint64_t), false);
}

static LLVMValueRef address_of_cpu(struct emitter *e, struct node *node, LLVMValueRef cpu)
{
	return LLVMBuildAdd(
		e->builder, load_address(e, node_call(node)->constant), cpu_offset(e, cpu), "");
}

/* Of a CPU that the machine cannot have it is 0. */
static struct value emit_percpu_kaddr(struct emitter *e, struct node *node)
{
	struct node *cpu = node_call(node)->arguments->next;

	if (!cpu) {
		LLVMValueRef here = helper_call_quiet(e, HELPER_get_smp_processor_id, NULL, 0);

		return value_register(node->type, address_of_cpu(e, node, here));
	}

	LLVMValueRef number = expr_register(e, cpu);
	LLVMValueRef count = ir_run_constant(e, CONSTANT_cpus);
	LLVMValueRef exists = ir_compare(e, LLVMIntULT, number, count);
	LLVMValueRef zero = ir_const(e, 0);
	LLVMValueRef index = LLVMBuildSelect(e->builder, exists, number, zero, "");
	LLVMValueRef address = address_of_cpu(e, node, index);

	return value_register(node->type, LLVMBuildSelect(e->builder, exists, address, zero, ""));
}

/* --- what functions of the kernel return --- */

enum {
	MAX_ERRNO = 4095, /* of the kernel's include/linux/err.h */
};

static struct value emit_is_err(struct emitter *e, struct node *node)
{
	LLVMValueRef pointer = expr_register(e, node_call(node)->arguments);
	LLVMValueRef is_error =
		ir_compare(e, LLVMIntUGE, pointer, ir_const(e, (uint64_t) - (int64_t)MAX_ERRNO));

	return value_register(node->type, ir_extend(e, is_error, false));
}

const struct builtin builtins_kaddr[] = {
	{
		.name = "is_err",
		.doc = "whether a pointer is an error, as functions of the kernel return it",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"is_err(pointer pointer) bool"},
		.emit = emit_is_err,
	},
	{
		.name = "kaddr",
		.doc = "the address of a symbol of the kernel",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"kaddr(literal name) uint64"},
		.check = check_kaddr,
		.emit = emit_kaddr,
	},
	{
		.name = "percpu_kaddr",
		.doc = "the address of a variable of the kernel that each CPU has, of this CPU or "
		       "of "
		       "another one, 0 where there is no such CPU",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_NEWER,
		.prototypes = {"percpu_kaddr(literal name, [int cpu]) uint64"},
		.infer = infer_percpu_kaddr,
		.check = check_percpu_kaddr,
		.emit = emit_percpu_kaddr,
	},
	{},
};
