/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address and the level of this process's struct pid_namespace can only be read in the kernel:
 * a program of some thirty instructions, run once in this process, reads them from its task. It
 * does not depend on the script, so a bundle fits every namespace.
 */
#include "pid_namespace.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "instructions.h"
#include "libcommon/host/pidns.h"

#define NAMESPACE_AT ((int16_t)offsetof(struct pidns_upid, namespace))

/* What the program finds. */
struct found {
	uint64_t namespace;
	uint64_t level;
};

/* A program that sets the element of the map from the current task. */
static int load(const struct pidns_layout *layout, int map_fd)
{
	const struct bpf_insn code[] = {
		CALL(get_current_task),
		READ_KERNEL(-8, sizeof(uint64_t), BPF_REG_0, layout->task_pid),
		LOAD(BPF_REG_7, BPF_REG_10, -8),
		READ_KERNEL(-8, sizeof(uint32_t), BPF_REG_7, layout->pid_level),
		LOAD_WORD(BPF_REG_8, BPF_REG_10, -8),

		MOVE(BPF_REG_9, BPF_REG_8),
		MULTIPLY(BPF_REG_9, sizeof(struct pidns_upid)),
		ADD_REGISTER(BPF_REG_9, BPF_REG_7),
		READ_KERNEL(-8, sizeof(uint64_t), BPF_REG_9, layout->pid_numbers + NAMESPACE_AT),
		LOAD(BPF_REG_9, BPF_REG_10, -8),

		LOAD_MAP_VALUE(BPF_REG_1, map_fd, 0),
		STORE(BPF_REG_1, offsetof(struct found, level), BPF_REG_8),
		STORE(BPF_REG_1, offsetof(struct found, namespace), BPF_REG_9),
		SET(BPF_REG_0, 0),
		EXIT,
	};

	return bpf_prog_load(
		BPF_PROG_TYPE_RAW_TRACEPOINT, "pid_namespace", "GPL", code, ARRAY_SIZE(code), NULL);
}

static int run(const struct pidns_layout *layout, int map_fd)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	_cleanup_close_ int program_fd = load(layout, map_fd);

	return program_fd < 0 ? program_fd : bpf_prog_test_run_opts(program_fd, &options);
}

static struct error *find(const struct pidns_layout *layout, struct found *ret)
{
	const uint32_t key = 0;
	_cleanup_close_ int map_fd = bpf_map_create(
		BPF_MAP_TYPE_ARRAY, "pid_namespace", sizeof(key), sizeof(*ret), 1, NULL);
	int result = map_fd < 0 ? map_fd : run(layout, map_fd);

	if (result >= 0)
		result = bpf_map_lookup_elem(map_fd, &key, ret);
	return result < 0 ? error_system(-result, "cannot run a program that looks for it") : NULL;
}

static struct error *read_layout(const struct host *host, const char *btf, struct pidns_layout *ret)
{
	struct kbtf *kbtf = kbtf_new(host, *btf ? btf : NULL);
	struct error *error = pidns_layout(kbtf, ret);

	kbtf_free(kbtf);
	return error;
}

static bool has_function(const struct types *types)
{
	return btf__find_by_name_kind(types_btf(types), FUNCTION_TASK_NUMBER, BTF_KIND_FUNC) > 0;
}

struct error *pid_namespace_find(const struct host *host, const char *btf,
	const struct types *types, struct constants *constants)
{
	struct pidns_layout layout;
	struct found found = {};

	if (!has_function(types) || pidns_is_initial(host))
		return NULL;

	struct error *error = read_layout(host, btf, &layout);

	if (!error)
		error = find(&layout, &found);
	if (error)
		return error_prefix(error, "cannot find the pid namespace that processes are "
					   "numbered in");
	constants->pidns = found.namespace;
	constants->pidns_level = found.level;
	constants->pidns_task_pid = layout.task_pid;
	constants->pidns_task_leader = layout.task_leader;
	constants->pidns_pid_level = layout.pid_level;
	constants->pidns_pid_number = layout.pid_numbers + found.level * sizeof(struct pidns_upid);
	return NULL;
}

/* --- the number of the current process --- */

static size_t put(struct bpf_insn *to, const struct bpf_insn *code, size_t count)
{
	memcpy(to, code, count * sizeof(*code));
	return count;
}

static size_t initial_number(struct bpf_insn *ret)
{
	const struct bpf_insn code[] = {
		CALL(get_current_pid_tgid),
		SHIFT(BPF_REG_0, 32),
	};

	return put(ret, code, ARRAY_SIZE(code));
}

size_t pid_namespace_number(const struct constants *constants, struct bpf_insn *ret)
{
	const struct bpf_insn code[] = {
		CALL(get_current_task),
		READ_KERNEL(-8, sizeof(uint64_t), BPF_REG_0, constants->pidns_task_leader),
		LOAD(BPF_REG_7, BPF_REG_10, -8),
		READ_KERNEL(-8, sizeof(uint64_t), BPF_REG_7, constants->pidns_task_pid),
		LOAD(BPF_REG_7, BPF_REG_10, -8),
		READ_KERNEL(-8, sizeof(uint32_t), BPF_REG_7, constants->pidns_pid_level),
		LOAD_WORD(BPF_REG_8, BPF_REG_10, -8),

		SET(BPF_REG_9, 0),
		IF_LESS(BPF_REG_8, (int32_t)constants->pidns_level, 11),
		READ_KERNEL(-24, sizeof(struct pidns_upid), BPF_REG_7, constants->pidns_pid_number),
		LOAD(BPF_REG_8, BPF_REG_10, -24 + NAMESPACE_AT),
		LOAD_NUMBER(BPF_REG_1, constants->pidns),
		UNLESS_REGISTER(BPF_REG_8, BPF_REG_1, 1),
		LOAD_WORD(BPF_REG_9, BPF_REG_10, -24),
		MOVE(BPF_REG_0, BPF_REG_9),
	};

	_Static_assert(ARRAY_SIZE(code) <= PID_NAMESPACE_INSTRUCTIONS, "room for all of them");
	return constants->pidns ? put(ret, code, ARRAY_SIZE(code)) : initial_number(ret);
}
