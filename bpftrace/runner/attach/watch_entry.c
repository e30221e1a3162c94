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
#define ADD(to, value)                                                                             \
	{                                                                                          \
		.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = (to), .imm = (value)               \
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
	STOP_BEGIN = 20, /* the instructions that stop the process */
	STOP_END = 22,
	END = 25, /* where others jump to */

	KNOWN_MOST = 4096,
};

static int load(int32_t process, const struct watch_entry *entry, uint16_t argument, bool stops)
{
	struct bpf_insn code[] = {
		MOVE(BPF_REG_6, BPF_REG_1),
		CALL(get_current_pid_tgid),
		SHIFT(BPF_REG_0, 32),
		UNLESS(BPF_REG_0, process, END - 4),
		LOAD(BPF_REG_8, BPF_REG_6, (int16_t)argument),

		STORE(BPF_REG_10, -8, BPF_REG_8),
		LOAD_MAP(BPF_REG_1, entry->known_fd),
		MOVE(BPF_REG_2, BPF_REG_10),
		ADD(BPF_REG_2, -8),
		CALL(map_lookup_elem),
		UNLESS(BPF_REG_0, 0, END - 12),

		LOAD_MAP(BPF_REG_1, entry->ring_fd),
		SET(BPF_REG_2, sizeof(uint64_t)),
		SET(BPF_REG_3, 0),
		CALL(ringbuf_reserve),
		IF(BPF_REG_0, 0, END - 18),
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

void watch_entry_deinit(struct watch_entry *entry)
{
	cleanup_close(&entry->ring_fd);
	cleanup_close(&entry->known_fd);
	attachment_deinit(&entry->link);
}

void watch_entry_know(const struct watch_entry *entry, uint64_t address, bool known)
{
	uint8_t value = 1;

	if (known)
		bpf_map_update_elem(entry->known_fd, &address, &value, BPF_ANY);
	else
		bpf_map_delete_elem(entry->known_fd, &address);
}

struct error *watch_entry_attach(
	const struct session *session, const struct manifest_probe *probe, struct watch_entry *ret)
{
	_cleanup_(watch_entry_deinit) struct watch_entry entry = {.ring_fd = -1, .known_fd = -1};

	entry.ring_fd = bpf_map_create(
		BPF_MAP_TYPE_RINGBUF, "watch_ring", 0, 0, (uint32_t)sysconf(_SC_PAGESIZE), NULL);
	entry.known_fd = bpf_map_create(BPF_MAP_TYPE_HASH, "watch_known", sizeof(uint64_t),
		sizeof(uint8_t), KNOWN_MOST, NULL);
	if (entry.ring_fd < 0 || entry.known_fd < 0)
		return error_system(errno, "cannot make maps for %s", probe->name);

	_cleanup_close_ int program_fd =
		load(session_process(session), &entry, probe->argument, probe->stops);

	if (program_fd < 0)
		return error_system(-program_fd, "cannot load the program for %s", probe->name);

	struct error *error = uprobe_file_attach(session, probe, false, program_fd, &entry.link);

	if (error)
		return error;
	*ret = entry;
	entry = (struct watch_entry){.ring_fd = -1, .known_fd = -1};
	return NULL;
}
