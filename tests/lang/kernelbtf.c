/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the types of a small kernel to stdout, as /sys/kernel/btf/vmlinux holds them: what the
 *golden tests look into. In C:
 *
 *	enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_MAX };
 *	enum level { LEVEL_LOW = -2, LEVEL_HIGH = 7 };
 *	typedef int pid_t;
 *	struct mm_struct { unsigned long start_code; struct hidden *hidden; };
 *	struct task_struct {
 *		unsigned int __state;
 *		pid_t pid;
 *		struct task_struct *real_parent;
 *		struct mm_struct *mm;
 *		char comm[16];
 *		int numbers[4];
 *		enum pid_type type;
 *		unsigned int narrow : 3;
 *		int wide : 12;
 *		union { int number; char letter; };
 *		struct mm_struct inner;
 *	};
 *
 *	typedef void (*btf_trace_sched_switch)(void *, struct task_struct *, unsigned int);
 *	typedef void (*btf_trace_unnamed)(void *, struct task_struct *, unsigned int);
 *	int __traceiter_sched_switch(void *__data, struct task_struct *prev, unsigned int state);
 *
 * With an argument, the types that a module adds to them:
 *
 *	struct widget { short kind; struct task_struct *owner; pid_t last; };
 *	typedef struct { int count; } widget_count_t;
 *	typedef void (*btf_trace_widget_made)(void *, struct widget *, short);
 *	int __traceiter_widget_made(void *__data, struct widget *made, short kind);
 */
#include <bpf/btf.h>
#include <stdint.h>
#include <stdio.h>

struct ids {
	int integer, word, character, number, task, mm, hidden, pid_type, pid, task_pointer;
};

static void add_numbers(struct btf *btf, struct ids *ids)
{
	ids->integer = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	ids->word = btf__add_int(btf, "unsigned int", 4, 0);
	ids->number = btf__add_int(btf, "long unsigned int", 8, 0);
	ids->character = btf__add_int(btf, "char", 1, BTF_INT_SIGNED);
	ids->pid = btf__add_typedef(btf, "pid_t", ids->integer);
}

static void add_enums(struct btf *btf, struct ids *ids)
{
	ids->pid_type = btf__add_enum(btf, "pid_type", 4);
	btf__add_enum_value(btf, "PIDTYPE_PID", 0);
	btf__add_enum_value(btf, "PIDTYPE_TGID", 1);
	btf__add_enum_value(btf, "PIDTYPE_MAX", 2);
	btf__add_enum(btf, "level", 4);
	btf__add_enum_value(btf, "LEVEL_LOW", -2);
	btf__add_enum_value(btf, "LEVEL_HIGH", 7);
}

static void add_structs(struct btf *btf, struct ids *ids)
{
	int hidden = btf__add_fwd(btf, "hidden", BTF_FWD_STRUCT);
	int hidden_pointer = btf__add_ptr(btf, hidden);

	ids->mm = btf__add_struct(btf, "mm_struct", 16);
	btf__add_field(btf, "start_code", ids->number, 0, 0);
	btf__add_field(btf, "hidden", hidden_pointer, 64, 0);

	int comm = btf__add_array(btf, ids->integer, ids->character, 16);
	int numbers = btf__add_array(btf, ids->integer, ids->integer, 4);
	int mm_pointer = btf__add_ptr(btf, ids->mm);
	int either = btf__add_union(btf, NULL, 4);

	btf__add_field(btf, "number", ids->integer, 0, 0);
	btf__add_field(btf, "letter", ids->character, 0, 0);

	/* The struct comes right after the pointer to it. */
	int task_pointer = btf__add_ptr(btf, either + 2);

	btf__add_struct(btf, "task_struct", 88);
	btf__add_field(btf, "__state", ids->word, 0, 0);
	btf__add_field(btf, "pid", ids->pid, 32, 0);
	btf__add_field(btf, "real_parent", task_pointer, 64, 0);
	btf__add_field(btf, "mm", mm_pointer, 128, 0);
	btf__add_field(btf, "comm", comm, 192, 0);
	btf__add_field(btf, "numbers", numbers, 320, 0);
	btf__add_field(btf, "type", ids->pid_type, 448, 0);
	btf__add_field(btf, "narrow", ids->word, 480, 3);
	btf__add_field(btf, "wide", ids->integer, 483, 12);
	btf__add_field(btf, NULL, either, 512, 0);
	btf__add_field(btf, "inner", ids->mm, 576, 0);
	ids->task_pointer = task_pointer;
}

static void add_iterator(struct btf *btf, struct ids *ids)
{
	int meta = btf__add_struct(btf, "bpf_iter_meta", 16);

	btf__add_field(btf, "file", ids->task_pointer, 0, 0);
	btf__add_field(btf, "session_id", ids->number, 64, 0);

	int meta_pointer = btf__add_ptr(btf, meta);
	int object = btf__add_union(btf, NULL, 8);

	btf__add_field(btf, "task", ids->task_pointer, 0, 0);
	btf__add_struct(btf, "bpf_iter__task", 16);
	btf__add_field(btf, "meta", meta_pointer, 0, 0);
	btf__add_field(btf, NULL, object, 64, 0);

	int prototype = btf__add_func_proto(btf, ids->integer);

	btf__add_func_param(btf, "meta", meta_pointer);
	btf__add_func_param(btf, "task", ids->task_pointer);
	btf__add_func(btf, "bpf_iter_task", BTF_FUNC_STATIC, prototype);
}

static void add_functions(struct btf *btf, struct ids *ids)
{
	int text = btf__add_ptr(btf, ids->character);
	int read = btf__add_func_proto(btf, ids->number);

	btf__add_func_param(btf, "reader", ids->task_pointer);
	btf__add_func_param(btf, "buffer", text);
	btf__add_func_param(btf, "count", ids->word);
	btf__add_func(btf, "vfs_read", BTF_FUNC_STATIC, read);

	int open = btf__add_func_proto(btf, 0);

	btf__add_func_param(btf, "opener", ids->task_pointer);
	btf__add_func(btf, "vfs_open", BTF_FUNC_STATIC, open);

	int notice = btf__add_func_proto(btf, ids->integer);

	btf__add_func_param(btf, "format", text);
	btf__add_func_param(btf, NULL, 0);
	btf__add_func(btf, "notice_vararg", BTF_FUNC_STATIC, notice);
}

/* A hook with two arguments; without names only its type is described. */
static void add_hook(struct btf *btf, const char *name, const char *const names[2],
	const int types[2], int result)
{
	char symbol[64];
	int data = btf__add_ptr(btf, 0);
	int unnamed = btf__add_func_proto(btf, 0);

	btf__add_func_param(btf, NULL, data);
	for (int i = 0; i < 2; i++)
		btf__add_func_param(btf, NULL, types[i]);
	snprintf(symbol, sizeof(symbol), "btf_trace_%s", name);
	btf__add_typedef(btf, symbol, btf__add_ptr(btf, unnamed));
	if (!names)
		return;

	int caller = btf__add_func_proto(btf, result);

	btf__add_func_param(btf, "__data", data);
	for (int i = 0; i < 2; i++)
		btf__add_func_param(btf, names[i], types[i]);
	snprintf(symbol, sizeof(symbol), "__traceiter_%s", name);
	btf__add_func(btf, symbol, BTF_FUNC_STATIC, caller);
}

static void add_hooks(struct btf *btf, struct ids *ids)
{
	static const char *const names[] = {"prev", "state"};
	const int types[] = {ids->task_pointer, ids->word};

	add_hook(btf, "sched_switch", names, types, ids->integer);
	add_hook(btf, "unnamed", NULL, types, ids->integer);
}

static struct btf *make_kernel(struct ids *ids)
{
	struct btf *btf = btf__new_empty();

	add_numbers(btf, ids);
	add_enums(btf, ids);
	add_structs(btf, ids);
	add_iterator(btf, ids);
	add_functions(btf, ids);
	add_hooks(btf, ids);
	return btf;
}

static struct btf *make_module(struct btf *kernel, const struct ids *ids)
{
	struct btf *btf = btf__new_empty_split(kernel);
	int kind = btf__add_int(btf, "short", 2, BTF_INT_SIGNED);
	int owner =
		btf__add_ptr(btf, btf__find_by_name_kind(kernel, "task_struct", BTF_KIND_STRUCT));

	int widget = btf__add_struct(btf, "widget", 24);

	btf__add_field(btf, "kind", kind, 0, 0);
	btf__add_field(btf, "owner", owner, 64, 0);
	btf__add_field(btf, "last", ids->pid, 128, 0);

	int count = btf__add_struct(btf, NULL, 4);

	btf__add_field(btf, "count", ids->integer, 0, 0);
	btf__add_typedef(btf, "widget_count_t", count);

	static const char *const names[] = {"made", "kind"};
	const int types[] = {btf__add_ptr(btf, widget), kind};

	add_hook(btf, "widget_made", names, types, ids->integer);
	return btf;
}

int main(int argc, char **argv)
{
	(void)argv;

	struct ids ids;
	uint32_t size;
	struct btf *kernel = make_kernel(&ids);
	struct btf *module = argc > 1 ? make_module(kernel, &ids) : NULL;
	const void *data = btf__raw_data(module ? module : kernel, &size);
	int failed = !data || fwrite(data, 1, size, stdout) != size;

	btf__free(module);
	btf__free(kernel);
	return failed;
}
