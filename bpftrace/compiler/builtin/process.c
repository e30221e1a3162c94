/* SPDX-License-Identifier: Apache-2.0 */
/* Who and where: the task, the processor, the user. */
#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/defect.h"
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

static struct value emit_pid(struct emitter *e, struct node *node)
{
	return value_register(node->type, process_number(e));
}

static struct value emit_tid(struct emitter *e, struct node *node)
{
	return value_register(node->type, process_thread_number(e));
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

static struct value emit_cpid(struct emitter *e, struct node *node)
{
	return value_register(node->type, ir_run_constant(e, CONSTANT_cpid));
}

static void check_cpid(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	if (c->request->has_child)
		return;
	diag_error(c->diags, node->span, "cpid cannot be used without child command");
	diag_hint(c->diags, "start the command to trace with -c 'COMMAND'");
}

/* The kernel's TASK_COMM_LEN; the helper fills all of it, zeros behind the name. */
enum {
	COMM_BYTES = 16,
};

static void infer_comm(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	node->type = types_string(c->types, COMM_BYTES);
}

/* Some kernels (6.1) write nothing behind the NUL. */
static void emit_comm(struct emitter *e, struct node *node _unused_, struct place place)
{
	uint32_t size = types_size(e->c->types, place.type);

	if (strings_pads(e, place))
		strings_fill(e, place.address, size);
	helper_call(e, HELPER_get_current_comm,
		HELPER_ARGS(place.address, ir_const32(e, MIN(size, COMM_BYTES))));
}

static const struct kbtf_member parent_members[] = {
	{.type = "task_struct", .name = "real_parent"},
	{.type = "task_struct", .name = "tgid"},
};

static void check_ppid(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct kbtf_member members[] = {parent_members[0], parent_members[1]};
	_cleanup_error_ struct error *error = kbtf_members(c->kbtf, members, ARRAY_SIZE(members));

	if (error)
		diag_error(c->diags, node->span, "ppid: %s", error->message);
}

static struct value emit_ppid(struct emitter *e, struct node *node)
{
	struct kbtf_member members[] = {parent_members[0], parent_members[1]};
	LLVMValueRef offsets[ARRAY_SIZE(members)];
	_cleanup_error_ struct error *error =
		access_kernel_offsets(e, members, ARRAY_SIZE(members), offsets);

	if (error)
		defect("ppid: %s", error->message);

	LLVMValueRef room = variable_stack(e, sizeof(uint64_t));
	LLVMValueRef task = helper_call(e, HELPER_get_current_task, NULL, 0);

	access_read(e, STORAGE_KERNEL, room, sizeof(uint64_t),
		LLVMBuildAdd(e->builder, task, offsets[0], ""));

	LLVMValueRef parent = ir_load(e, room, sizeof(uint64_t), false);

	return value_register(node->type, process_number_of(e, parent, offsets[1]));
}

const struct builtin builtins_process[] = {
	{
		.name = "pid",
		.doc = "process ID (the kernel's tgid)",
		.flags = BUILTIN_STEADY,
		.prototypes = {"pid uint32"},
		.emit = emit_pid,
	},
	{
		.name = "ppid",
		.doc = "process ID of the parent",
		.needs = "the kernel's BTF",
		.flags = BUILTIN_NEWER,
		.prototypes = {"ppid uint32"},
		.check = check_ppid,
		.emit = emit_ppid,
	},
	{
		.name = "tid",
		.doc = "thread ID (the kernel's pid)",
		.flags = BUILTIN_STEADY,
		.prototypes = {"tid uint32"},
		.emit = emit_tid,
	},
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
		.doc = "name of the thread, 16 bytes at the most",
		.flags = BUILTIN_STEADY | BUILTIN_ENDS_IN_NUL,
		.prototypes = {"comm string"},
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
		.name = "cpid",
		.doc = "process ID of the command started with -c",
		.needs = "the option -c",
		.prototypes = {"cpid uint32"},
		.check = check_cpid,
		.emit = emit_cpid,
	},
	{},
};
