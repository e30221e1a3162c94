/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The helper is for programs that a system call runs. For each name there is a piece of code: it
 * builds the name on the stack, calls the helper, and stores the address in the program's context.
 */
#include "symbol_lookup.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bpftrace/runner/attach/instructions.h"
#include "libcommon/base/attributes.h"
#include "libcommon/base/vec.h"

enum {
	WORD = sizeof(uint64_t),
	ADDRESS = -WORD, /* where they are on the stack */
	NAME = -512,
	NAME_MOST = ADDRESS - NAME, /* bytes of a name with its NUL */
	NAMES_MOST = 512,
};

typedef VEC(struct bpf_insn) program;

#define APPEND(code, ...)                                                                          \
	do {                                                                                       \
		const struct bpf_insn piece[] = {__VA_ARGS__};                                     \
		for (size_t at = 0; at < ARRAY_SIZE(piece); at++)                                  \
			vec_push(code, piece[at]);                                                 \
	} while (0)

static void append_name(program *code, const char *name, size_t size)
{
	for (size_t i = 0; i < size; i += WORD) {
		uint64_t word = 0;

		memcpy(&word, name + i, MIN(size - i, (size_t)WORD));
		APPEND(code, LOAD_NUMBER(BPF_REG_1, word),
			STORE(BPF_REG_10, NAME + (int16_t)i, BPF_REG_1));
	}
}

/* Register 6 is the context. */
static void append_lookup(program *code, const char *name, size_t index)
{
	size_t size = strlen(name) + 1;

	append_name(code, name, size);
	APPEND(code, SET(BPF_REG_1, 0), STORE(BPF_REG_10, ADDRESS, BPF_REG_1),
		MOVE(BPF_REG_1, BPF_REG_10), ADD(BPF_REG_1, NAME), SET(BPF_REG_2, (int32_t)size),
		SET(BPF_REG_3, 0), MOVE(BPF_REG_4, BPF_REG_10), ADD(BPF_REG_4, ADDRESS),
		CALL(kallsyms_lookup_name), LOAD(BPF_REG_1, BPF_REG_10, ADDRESS),
		STORE(BPF_REG_6, (int16_t)(index * WORD), BPF_REG_1));
}

/* Returns a descriptor, or a negative number. */
static int load(const char *const *names, size_t count)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options, .prog_flags = BPF_F_SLEEPABLE);
	program code = {};
	int fd;

	APPEND(&code, MOVE(BPF_REG_6, BPF_REG_1));
	for (size_t i = 0; i < count; i++)
		append_lookup(&code, names[i], i);
	/* What the last call returned: a refusal concerns all. */
	APPEND(&code, EXIT);
	fd = bpf_prog_load(
		BPF_PROG_TYPE_SYSCALL, "symbol_lookup", "GPL", code.items, code.count, &options);
	vec_deinit(&code);
	return fd;
}

static bool are_short(const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(names[i]) >= NAME_MOST)
			return false;
	}
	return count <= NAMES_MOST;
}

bool symbol_lookup(const char *const *names, size_t count, uint64_t *ret)
{
	_cleanup_close_ int fd = are_short(names, count) ? load(names, count) : -1;
	/* The kernel copies the context back to where it came from. */
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = ret, .ctx_size_in = (uint32_t)(count * WORD));

	memset(ret, 0, count * sizeof(*ret));
	if (fd < 0 || bpf_prog_test_run_opts(fd, &run) != 0)
		return false;
	return (int)run.retval != -EPERM;
}
