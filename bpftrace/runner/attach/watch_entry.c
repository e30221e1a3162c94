/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program of some twenty instructions, made here and not by the compiler, since a program of a
 * bundle could send any signal. It reserves the record first, so that no process is stopped without
 * a report, and submits it last, so that no process is continued before it has stopped.
 */
#include "watch_entry.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "instructions.h"
#include "pid_namespace.h"
#include "uprobe_file.h"

enum {
	USER_BEGIN = 17, /* the instructions that ask for the user of the process */
	USER_END = 19,
	STOP_BEGIN = 19, /* the instructions that stop the process */
	STOP_END = 21,
	END = 24, /* where others jump to */

	ENTRY_INSTRUCTIONS = 32,

	KNOWN_MOST = 4096,
};

/* Replaces a range of instructions by ones without effect. */
static void clear(struct bpf_insn *code, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		code[i] = (struct bpf_insn)SET(BPF_REG_9, 0);
}

/* Requires the number of the current process in r0 and the context in r6. */
static size_t entry_code(int32_t process, const struct watch_entry *entry, uint16_t argument,
	enum watch_stop stop, struct bpf_insn *ret)
{
	struct bpf_insn code[] = {
		UNLESS(BPF_REG_0, process, END - 1),
		LOAD(BPF_REG_8, BPF_REG_6, (int16_t)argument),

		STORE(BPF_REG_10, -8, BPF_REG_8),
		LOAD_MAP(BPF_REG_1, entry->known_fd),
		MOVE(BPF_REG_2, BPF_REG_10),
		ADD(BPF_REG_2, -8),
		CALL(map_lookup_elem),
		UNLESS(BPF_REG_0, 0, END - 9),

		LOAD_MAP(BPF_REG_1, entry->ring_fd),
		SET(BPF_REG_2, sizeof(uint64_t)),
		SET(BPF_REG_3, 0),
		CALL(ringbuf_reserve),
		IF(BPF_REG_0, 0, END - 15),
		STORE(BPF_REG_0, 0, BPF_REG_8),
		MOVE(BPF_REG_7, BPF_REG_0),
		CALL(get_current_uid_gid),
		UNLESS_LOW(BPF_REG_0, (int32_t)getuid(), STOP_END - USER_END),
		SET(BPF_REG_1, SIGSTOP),
		CALL(send_signal),
		MOVE(BPF_REG_1, BPF_REG_7),
		SET(BPF_REG_2, 0),
		CALL(ringbuf_submit),

		SET(BPF_REG_0, 0),
		EXIT,
	};

	if (stop != WATCH_STOP_OWN_USER)
		clear(code, USER_BEGIN, USER_END);
	if (stop == WATCH_STOP_NEVER)
		clear(code, STOP_BEGIN, STOP_END);
	_Static_assert(ARRAY_SIZE(code) <= ENTRY_INSTRUCTIONS, "room for all of them");
	memcpy(ret, code, sizeof(code));
	return ARRAY_SIZE(code);
}

static int load(const struct attachments *attachments, const struct manifest_probe *probe,
	enum watch_stop stop, const struct watch_entry *entry)
{
	struct bpf_insn code[1 + PID_NAMESPACE_INSTRUCTIONS + ENTRY_INSTRUCTIONS] = {
		MOVE(BPF_REG_6, BPF_REG_1),
	};
	size_t count = 1;

	count += pid_namespace_number(&attachments->traced->constants, code + count);
	count += entry_code(
		tracee_process(attachments->tracee), entry, probe->argument, stop, code + count);
	return bpf_prog_load(BPF_PROG_TYPE_KPROBE, "watch_entry", "GPL", code, count, NULL);
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

struct error *watch_entry_attach(const struct attachments *attachments,
	const struct manifest_probe *probe, enum watch_stop stop, struct watch_entry *ret)
{
	_cleanup_(watch_entry_deinit) struct watch_entry entry = {.ring_fd = -1, .known_fd = -1};

	entry.ring_fd = bpf_map_create(
		BPF_MAP_TYPE_RINGBUF, "watch_ring", 0, 0, (uint32_t)sysconf(_SC_PAGESIZE), NULL);
	entry.known_fd = bpf_map_create(BPF_MAP_TYPE_HASH, "watch_known", sizeof(uint64_t),
		sizeof(uint8_t), KNOWN_MOST, NULL);
	if (entry.ring_fd < 0 || entry.known_fd < 0)
		return error_system(errno, "cannot make maps for %s", probe->name);

	_cleanup_close_ int program_fd = load(attachments, probe, stop, &entry);

	if (program_fd < 0)
		return error_system(-program_fd, "cannot load the program for %s", probe->name);

	struct error *error =
		uprobe_file_attach(attachments, probe, false, program_fd, &entry.link);

	if (error)
		return error;
	*ret = entry;
	entry = (struct watch_entry){.ring_fd = -1, .known_fd = -1};
	return NULL;
}
