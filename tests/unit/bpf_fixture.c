/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs are raw tracepoint programs, because those can be run with any words as their context.
 * Registers: r6 the context, r7 the record, r8 how many records are left.
 */
#include "bpf_fixture.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "tests/unit/unit.h"

enum { PROGRAM_MOST = 128 };

struct program {
	struct bpf_insn instructions[PROGRAM_MOST];
	size_t count;
};

static void add(struct program *program, struct bpf_insn instruction)
{
	assert_true(program->count < PROGRAM_MOST);
	program->instructions[program->count++] = instruction;
}

static void move(struct program *program, uint8_t to, uint8_t from)
{
	add(program, (struct bpf_insn){
			     .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = to, .src_reg = from});
}

static void set(struct program *program, uint8_t to, int32_t value)
{
	add(program, (struct bpf_insn){
			     .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = to, .imm = value});
}

static void set_map(struct program *program, uint8_t to, int fd)
{
	add(program, (struct bpf_insn){.code = BPF_LD | BPF_DW | BPF_IMM,
			     .dst_reg = to,
			     .src_reg = BPF_PSEUDO_MAP_FD,
			     .imm = fd});
	add(program, (struct bpf_insn){});
}

static void call(struct program *program, int32_t helper)
{
	add(program, (struct bpf_insn){.code = BPF_JMP | BPF_CALL, .imm = helper});
}

static void leave(struct program *program)
{
	add(program, (struct bpf_insn){.code = BPF_JMP | BPF_EXIT});
}

static void load(struct program *program, uint8_t to, uint8_t from, uint32_t word)
{
	add(program, (struct bpf_insn){.code = BPF_LDX | BPF_MEM | BPF_DW,
			     .dst_reg = to,
			     .src_reg = from,
			     .off = (int16_t)(word * 8)});
}

static void store(struct program *program, uint8_t to, uint32_t word, uint8_t from)
{
	add(program, (struct bpf_insn){.code = BPF_STX | BPF_MEM | BPF_DW,
			     .dst_reg = to,
			     .src_reg = from,
			     .off = (int16_t)(word * 8)});
}

/* Leaves the program with the value of a register when there is no room. */
static void reserve(struct program *program, int ring, uint32_t words, uint8_t result)
{
	set_map(program, BPF_REG_1, ring);
	set(program, BPF_REG_2, (int32_t)words * 8);
	set(program, BPF_REG_3, 0);
	call(program, BPF_FUNC_ringbuf_reserve);
	add(program, (struct bpf_insn){
			     .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_0, .off = 2});
	move(program, BPF_REG_0, result);
	leave(program);
	move(program, BPF_REG_7, BPF_REG_0);
}

static void submit(struct program *program)
{
	move(program, BPF_REG_1, BPF_REG_7);
	set(program, BPF_REG_2, 0);
	call(program, BPF_FUNC_ringbuf_submit);
}

static void copy_arguments(struct program *program, uint32_t words)
{
	for (uint32_t i = 0; i < words; i++) {
		load(program, BPF_REG_1, BPF_REG_6, i);
		store(program, BPF_REG_7, i, BPF_REG_1);
	}
}

static int load_program(const struct program *program)
{
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "fixture", "GPL",
		program->instructions, program->count, NULL);

	assert_true(fd >= 0);
	return fd;
}

bool bpf_fixture_possible(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "fixture", 0, 0, 4096, NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int bpf_fixture_ring(uint32_t size)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "fixture", 0, 0, size, NULL);

	assert_true(fd >= 0);
	return fd;
}

int bpf_fixture_flood(int ring, uint32_t words, uint32_t records)
{
	struct program program = {};

	move(&program, BPF_REG_6, BPF_REG_1);
	set(&program, BPF_REG_8, (int32_t)records);

	size_t loop = program.count;

	reserve(&program, ring, words, BPF_REG_8);
	copy_arguments(&program, words);
	submit(&program);
	add(&program, (struct bpf_insn){
			      .code = BPF_ALU64 | BPF_SUB | BPF_K, .dst_reg = BPF_REG_8, .imm = 1});
	add(&program, (struct bpf_insn){.code = BPF_JMP | BPF_JNE | BPF_K,
			      .dst_reg = BPF_REG_8,
			      .off = (int16_t)((int)loop - (int)program.count - 1)});
	set(&program, BPF_REG_0, 0);
	leave(&program);
	return load_program(&program);
}

int bpf_fixture_sender(int ring, uint32_t words)
{
	return bpf_fixture_flood(ring, words, 1);
}

int bpf_fixture_control_sender(int data_ring, int control_ring)
{
	struct program program = {};

	move(&program, BPF_REG_6, BPF_REG_1);
	set_map(&program, BPF_REG_1, data_ring);
	set(&program, BPF_REG_2, BPF_RB_PROD_POS);
	call(&program, BPF_FUNC_ringbuf_query);
	move(&program, BPF_REG_9, BPF_REG_0);
	set(&program, BPF_REG_8, 1);
	reserve(&program, control_ring, 3, BPF_REG_8);
	load(&program, BPF_REG_1, BPF_REG_6, 0);
	store(&program, BPF_REG_7, 0, BPF_REG_1);
	store(&program, BPF_REG_7, 1, BPF_REG_9);
	load(&program, BPF_REG_1, BPF_REG_6, 1);
	store(&program, BPF_REG_7, 2, BPF_REG_1);
	submit(&program);
	set(&program, BPF_REG_0, 0);
	leave(&program);
	return load_program(&program);
}

uint32_t bpf_fixture_run(int program, const uint64_t *arguments, size_t count)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = arguments,
		.ctx_size_in = (uint32_t)(count * sizeof(*arguments)));

	assert_int_equal(bpf_prog_test_run_opts(program, &opts), 0);
	return opts.retval;
}
