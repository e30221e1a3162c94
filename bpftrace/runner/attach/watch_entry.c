/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program of some twenty instructions, put together here: it is the same for every script, and
 * one in a bundle could send any signal. Room for the record is taken first, so that no process is
 * stopped that nobody would hear of; it is sent last, so that nobody lets a process go on that has
 * yet to stop.
 */
#include "watch_entry.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "uprobe_file.h"

/* Instructions; the kernel's include/linux/filter.h has such macros, but not for programs. */
#define MOVE(to, from)                                                                             \
	{                                                                                          \
		.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (to), .src_reg = (from)            \
	}
#define SET(to, value)                                                                             \
	{                                                                                          \
		.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (to), .imm = (value)               \
	}
#define SHIFT(to, bits)                                                                            \
	{                                                                                          \
		.code = BPF_ALU64 | BPF_RSH | BPF_K, .dst_reg = (to), .imm = (bits)                \
	}
#define CALL(helper)                                                                               \
	{                                                                                          \
		.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_##helper                               \
	}
#define LOAD(to, from, at)                                                                         \
	{                                                                                          \
		.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = (to), .src_reg = (from),            \
		.off = (at)                                                                        \
	}
#define STORE(to, at, from)                                                                        \
	{                                                                                          \
		.code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = (to), .src_reg = (from),            \
		.off = (at)                                                                        \
	}
#define LOAD_MAP(to, fd)                                                                           \
	{.code = BPF_LD | BPF_IMM | BPF_DW,                                                        \
		.dst_reg = (to),                                                                   \
		.src_reg = BPF_PSEUDO_MAP_FD,                                                      \
		.imm = (fd)},                                                                      \
	{                                                                                          \
	}
#define UNLESS(reg, value, skip)                                                                   \
	{                                                                                          \
		.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = (reg), .off = (skip), .imm = (value) \
	}
#define IF(reg, value, skip)                                                                       \
	{                                                                                          \
		.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = (reg), .off = (skip), .imm = (value) \
	}
#define EXIT                                                                                       \
	{                                                                                          \
		.code = BPF_JMP | BPF_EXIT                                                         \
	}

enum {
	STOP_BEGIN = 13, /* the instructions that stop the process */
	STOP_END = 15,
	END = 18, /* where others jump to */
};

static int load(int32_t process, int ring_fd, uint16_t argument, bool stops)
{
	struct bpf_insn code[] = {
		MOVE(BPF_REG_6, BPF_REG_1),
		CALL(get_current_pid_tgid),
		SHIFT(BPF_REG_0, 32),
		UNLESS(BPF_REG_0, process, END - 4),
		LOAD(BPF_REG_8, BPF_REG_6, (int16_t)argument),
		LOAD_MAP(BPF_REG_1, ring_fd),
		SET(BPF_REG_2, sizeof(uint64_t)),
		SET(BPF_REG_3, 0),
		CALL(ringbuf_reserve),
		IF(BPF_REG_0, 0, END - 11),
		STORE(BPF_REG_0, 0, BPF_REG_8),
		MOVE(BPF_REG_7, BPF_REG_0),
		SET(BPF_REG_1, SIGSTOP),
		CALL(send_signal),
		MOVE(BPF_REG_1, BPF_REG_7),
		SET(BPF_REG_2, 0),
		CALL(ringbuf_submit),
		SET(BPF_REG_0, 0),
		EXIT,
	};

	for (size_t i = STOP_BEGIN; i < STOP_END && !stops; i++)
		code[i] = (struct bpf_insn)SET(BPF_REG_9, 0);
	return bpf_prog_load(
		BPF_PROG_TYPE_KPROBE, "watch_entry", "GPL", code, ARRAY_SIZE(code), NULL);
}

struct error *watch_entry_attach(const struct session *session, const struct manifest_probe *probe,
	int *ret_ring_fd, struct attachment *ret)
{
	_cleanup_close_ int ring_fd = bpf_map_create(
		BPF_MAP_TYPE_RINGBUF, "watch_ring", 0, 0, (uint32_t)sysconf(_SC_PAGESIZE), NULL);

	if (ring_fd < 0)
		return error_system(-ring_fd, "cannot make a ring for %s", probe->name);

	_cleanup_close_ int program_fd =
		load(session_process(session), ring_fd, probe->argument, probe->stops);

	if (program_fd < 0)
		return error_system(-program_fd, "cannot load the program for %s", probe->name);

	struct error *error = uprobe_file_attach(session, probe, false, program_fd, ret);

	if (!error)
		*ret_ring_fd = TAKE_FD(ring_fd);
	return error;
}
