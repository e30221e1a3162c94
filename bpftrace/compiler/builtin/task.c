/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes and threads: the current one, those that a task_struct leads to, and the child of -c.
 * Variables of the language whose calls take a task are members of that task's relatives.
 */
#include <string.h>

#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/defect.h"
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/helper.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/process.h"
#include "bpftrace/compiler/emit/variable.h"
#include "builtin_table.h"

/* --- the current one --- */

/* pid(init): as the initial pid namespace has it. */
static bool is_of_init(struct node *node)
{
	struct node *mode = node->kind == NODE_CALL ? node_call(node)->arguments : NULL;

	return mode && !strcmp(node_identifier(mode)->name, "init");
}

static struct value emit_pid(struct emitter *e, struct node *node)
{
	LLVMValueRef number =
		is_of_init(node) ? process_initial_number(e, true) : process_number(e);

	return value_register(node->type, number);
}

static struct value emit_tid(struct emitter *e, struct node *node)
{
	LLVMValueRef number =
		is_of_init(node) ? process_initial_number(e, false) : process_thread_number(e);

	return value_register(node->type, number);
}

/* --- relatives --- */

/* The member of a task_struct that leads to the relative, and the one that is read of that. */
static const struct relative {
	const char *name;
	const char *task;
	const char *member;
} relatives[] = {
	{"ppid", "real_parent", "tgid"},
	{"pcomm", "real_parent", "comm"},
	{"leader_tid", "group_leader", "pid"},
	{"leader_comm", "group_leader", "comm"},
};

enum {
	TASK_COMM_LEN = 16, /* of the kernel's include/linux/sched.h */
};

static const char *name_of(struct node *node)
{
	return node->kind == NODE_CALL ? node_call(node)->name : node_identifier(node)->name;
}

static void find_members(struct node *node, struct kbtf_member *ret)
{
	const char *name = name_of(node);
	const struct relative *row = relatives;

	while (strcmp(row->name, name) != 0)
		row++;
	ret[0] = (struct kbtf_member){.type = "task_struct", .name = row->task};
	ret[1] = (struct kbtf_member){.type = "task_struct", .name = row->member};
}

static void check_relative(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct kbtf_member members[2];

	find_members(node, members);

	_cleanup_error_ struct error *error = kbtf_members(c->kbtf, members, ARRAY_SIZE(members));

	if (error)
		diag_error(c->diags, node->span, "%s: %s", name_of(node), error->message);
}

/* The task_struct of the argument or the current one. */
static LLVMValueRef task_of(struct emitter *e, struct node *node)
{
	struct node *task = node->kind == NODE_CALL ? node_call(node)->arguments : NULL;

	return task ? expr_register(e, task) : helper_call(e, HELPER_get_current_task, NULL, 0);
}

/* Returns the address of the relative, and where its member is in it. */
static LLVMValueRef find_relative(struct emitter *e, struct node *node, LLVMValueRef *ret_offset)
{
	struct kbtf_member members[2];
	LLVMValueRef offsets[ARRAY_SIZE(members)];

	find_members(node, members);

	_cleanup_error_ struct error *error =
		access_kernel_offsets(e, members, ARRAY_SIZE(members), offsets);

	if (error)
		defect("%s: %s", name_of(node), error->message);
	LLVMValueRef task = task_of(e, node);
	LLVMValueRef room = variable_stack(e, sizeof(uint64_t));

	access_read(e, STORAGE_KERNEL, room, sizeof(uint64_t),
		LLVMBuildAdd(e->builder, task, offsets[0], ""));
	*ret_offset = offsets[1];
	return ir_load(e, room, sizeof(uint64_t), false);
}

static struct value emit_number(struct emitter *e, struct node *node)
{
	LLVMValueRef offset;
	LLVMValueRef task = find_relative(e, node, &offset);

	return value_register(node->type, process_number_of(e, task, offset));
}

static void infer_name(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	node->type = types_string(c->types, TASK_COMM_LEN);
}

/* Not read yet. */
static struct value emit_name(struct emitter *e, struct node *node)
{
	LLVMValueRef offset;
	LLVMValueRef task = find_relative(e, node, &offset);

	return (struct value){
		.type = node->type,
		.storage = STORAGE_KERNEL,
		.llvm = LLVMBuildAdd(e->builder, task, offset, ""),
	};
}

/* --- the child of -c --- */

static struct value emit_cpid(struct emitter *e, struct node *node)
{
	return value_register(node->type, ir_run_constant(e, CONSTANT_cpid));
}

static struct value emit_has_cpid(struct emitter *e, struct node *node)
{
	LLVMValueRef has =
		ir_compare(e, LLVMIntNE, ir_run_constant(e, CONSTANT_cpid), ir_const(e, 0));

	return value_register(node->type, ir_extend(e, has, false));
}

static bool find_test(struct node *node, void *context)
{
	bool *found = context;

	*found |= node->kind == NODE_IDENTIFIER && node_identifier(node)->builtin &&
		  node_identifier(node)->builtin->emit == emit_has_cpid;
	return !*found;
}

/* A block that asks has_cpid expects that there may be none. */
static void check_cpid(struct compilation *c, struct unit *unit, struct node *node)
{
	bool asks = false;

	node_walk(&unit->probe->node, find_test, &asks);
	if (c->request->has_child || asks)
		return;
	diag_warning(c->diags, node->span, "there is no command of -c: cpid is 0");
	diag_hint(c->diags, "start the command to trace with -c 'COMMAND'; has_cpid is whether "
			    "there is one");
}

const struct builtin builtins_task[] = {
	{
		.name = "pid",
		.doc = "process ID (the kernel's tgid)",
		.flags = BUILTIN_STEADY,
		.prototypes = {"pid uint32", "pid() uint32", "pid(curr_ns|init namespace) uint32"},
		.emit = emit_pid,
	},
	{
		.name = "tid",
		.doc = "thread ID (the kernel's pid)",
		.flags = BUILTIN_STEADY,
		.prototypes = {"tid uint32", "tid() uint32", "tid(curr_ns|init namespace) uint32"},
		.emit = emit_tid,
	},
	{
		.name = "ppid",
		.doc = "process ID of the parent, of the current task or of another one",
		.needs = "the kernel's BTF",
		.flags = BUILTIN_NEWER,
		.prototypes = {"ppid uint32", "ppid([pointer task]) uint32"},
		.check = check_relative,
		.emit = emit_number,
	},
	{
		.name = "pcomm",
		.doc = "name of the parent",
		.needs = "the kernel's BTF",
		.flags = BUILTIN_NEWER | BUILTIN_ENDS_IN_NUL,
		.prototypes = {"pcomm string", "pcomm([pointer task]) string"},
		.infer = infer_name,
		.check = check_relative,
		.emit = emit_name,
	},
	{
		.name = "leader_tid",
		.doc = "thread ID of the first thread of the process",
		.needs = "the kernel's BTF",
		.flags = BUILTIN_NEWER,
		.prototypes = {"leader_tid uint32", "leader_tid([pointer task]) uint32"},
		.check = check_relative,
		.emit = emit_number,
	},
	{
		.name = "leader_comm",
		.doc = "name of the first thread of the process",
		.needs = "the kernel's BTF",
		.flags = BUILTIN_NEWER | BUILTIN_ENDS_IN_NUL,
		.prototypes = {"leader_comm string", "leader_comm([pointer task]) string"},
		.infer = infer_name,
		.check = check_relative,
		.emit = emit_name,
	},
	{
		.name = "cpid",
		.doc = "process ID of the command started with -c, 0 without one",
		.prototypes = {"cpid uint32"},
		.check = check_cpid,
		.emit = emit_cpid,
	},
	{
		.name = "has_cpid",
		.doc = "whether a command was started with -c",
		.flags = BUILTIN_NEWER,
		.prototypes = {"has_cpid bool"},
		.emit = emit_has_cpid,
	},
	{},
};
