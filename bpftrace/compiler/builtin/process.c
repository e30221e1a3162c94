/* SPDX-License-Identifier: Apache-2.0 */
/* Who and where: the user, the task, the processor. */
#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/defect.h"
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/helper.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/process.h"
#include "bpftrace/compiler/emit/strings.h"
#include "bpftrace/compiler/emit/variable.h"
#include "builtin_table.h"

static struct value low_half(struct emitter *e, struct node *node, enum helper helper)
{
	LLVMValueRef both = helper_call(e, helper, NULL, 0);

	return value_register(
		node->type, LLVMBuildAnd(e->builder, both, ir_const(e, UINT32_MAX), ""));
}

static struct value high_half(struct emitter *e, struct node *node, enum helper helper)
{
	LLVMValueRef both = helper_call(e, helper, NULL, 0);

	return value_register(node->type, LLVMBuildLShr(e->builder, both, ir_const(e, 32), ""));
}

static struct value plain(struct emitter *e, struct node *node, enum helper helper)
{
	return value_register(node->type, helper_call(e, helper, NULL, 0));
}

static struct value emit_uid(struct emitter *e, struct node *node)
{
	return low_half(e, node, HELPER_get_current_uid_gid);
}

static struct value emit_gid(struct emitter *e, struct node *node)
{
	return high_half(e, node, HELPER_get_current_uid_gid);
}

static void infer_curtask(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	uint32_t task = types_forward_kernel(c->types, "struct", "task_struct");

	node->type = types_pointer(c->types, task, ADDRESS_KERNEL);
}

static struct value emit_cpu(struct emitter *e, struct node *node)
{
	return low_half(e, node, HELPER_get_smp_processor_id);
}

static struct value emit_numaid(struct emitter *e, struct node *node)
{
	return low_half(e, node, HELPER_get_numa_node_id);
}

static struct value emit_curtask(struct emitter *e, struct node *node)
{
	return plain(e, node, HELPER_get_current_task);
}

static struct value emit_rand(struct emitter *e, struct node *node)
{
	return low_half(e, node, HELPER_get_prandom_u32);
}

/* The kernel's TASK_COMM_LEN; the helper fills all of it, zeros behind the name. */
enum {
	COMM_BYTES = 16,
};

static void infer_comm(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	node->type =
		node->kind == NODE_CALL && node_call(node)->arguments
			? types_with_meaning(c->types, MEANING_PROCESS_NAME, type_uint64(c), NULL)
			: types_string(c->types, COMM_BYTES);
}

/* Some kernels (6.1) write nothing behind the NUL. */
static void emit_comm(struct emitter *e, struct node *node, struct place place)
{
	struct node *process = node->kind == NODE_CALL ? node_call(node)->arguments : NULL;
	uint32_t size = types_size(e->c->types, place.type);

	if (process) {
		ir_store(e, place.address, expr_register(e, process), sizeof(uint64_t));
		return;
	}
	if (strings_pads(e, place))
		strings_fill(e, place.address, size);
	helper_call(e, HELPER_get_current_comm,
		HELPER_ARGS(place.address, ir_const32(e, MIN(size, COMM_BYTES))));
}

static struct value emit_ncpus(struct emitter *e, struct node *node)
{
	return value_register(node->type, ir_run_constant(e, CONSTANT_cpus));
}

/* --- usermode --- */

/* The register whose low bits are 0 in one mode only. */
static bool mode_register(const struct arch *arch, uint16_t *ret_offset, uint64_t *ret_mask)
{
	if (arch_register(arch, "cs", ret_offset)) {
		*ret_mask = 3; /* the privilege level, 0 is the kernel's */
		return true;
	}
	*ret_mask = 15; /* PSR_MODE_MASK, 0 is PSR_MODE_EL0t */
	return arch_register(arch, "pstate", ret_offset);
}

/* An event of the processor may be in either mode, all others are in one. */
static struct value emit_usermode(struct emitter *e, struct node *node)
{
	bool of_user = e->unit->context == CONTEXT_NONE ||
		       attach_has(e->unit->matches.items[0].attach, USER_STACK);
	uint16_t offset = 0;
	uint64_t mask = 0;

	if (e->unit->context != CONTEXT_PERF || !mode_register(e->arch, &offset, &mask))
		return value_register(node->type, ir_const(e, of_user));
	LLVMValueRef word = ir_load_volatile(
		e, ir_offset(e, e->function->context, offset), sizeof(uint64_t), false);
	LLVMValueRef mode = LLVMBuildAnd(e->builder, word, ir_const(e, mask), "");
	LLVMIntPredicate is_user = mask == 3 ? LLVMIntNE : LLVMIntEQ;

	return value_register(
		node->type, ir_extend(e, ir_compare(e, is_user, mode, ir_const(e, 0)), false));
}

const struct builtin builtins_process[] = {
	{
		.name = "uid",
		.doc = "user ID",
		.flags = BUILTIN_STEADY,
		.prototypes = {"uid uint32"},
		.emit = emit_uid,
	},
	{
		.name = "gid",
		.doc = "group ID",
		.flags = BUILTIN_STEADY,
		.prototypes = {"gid uint32"},
		.emit = emit_gid,
	},
	{
		.name = "comm",
		.doc = "name of the thread, 16 bytes at the most, or of a process by its number",
		.flags = BUILTIN_STEADY | BUILTIN_ENDS_IN_NUL,
		.prototypes = {"comm string", "comm() string", "comm(int process) process_name"},
		.infer = infer_comm,
		.emit_into = emit_comm,
	},
	{
		.name = "cpu",
		.doc = "number of the processor",
		.prototypes = {"cpu uint32"},
		.emit = emit_cpu,
	},
	{
		.name = "numaid",
		.doc = "number of the NUMA node",
		.prototypes = {"numaid uint32"},
		.emit = emit_numaid,
	},
	{
		.name = "curtask",
		.doc = "address of the current task_struct",
		.flags = BUILTIN_STEADY,
		.prototypes = {"curtask struct task_struct *"},
		.infer = infer_curtask,
		.emit = emit_curtask,
	},
	{
		.name = "rand",
		.doc = "random 32-bit number",
		.prototypes = {"rand uint32"},
		.emit = emit_rand,
	},
	{
		.name = "ncpus",
		.doc = "how many processors the machine can have",
		.flags = BUILTIN_NEWER | BUILTIN_STEADY,
		.prototypes = {"ncpus uint64"},
		.emit = emit_ncpus,
	},
	{
		.name = "usermode",
		.doc = "1 when the event is one of user mode, 0 when the kernel was running",
		.flags = BUILTIN_NEWER,
		.prototypes = {"usermode int64"},
		.emit = emit_usermode,
	},
	{},
};
