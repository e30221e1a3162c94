/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BPF instructions, for the few programs that the runner puts together itself; the kernel's
 * include/linux/filter.h has such macros, but not for programs. Two instructions are LOAD_NUMBER,
 * LOAD_MAP and LOAD_MAP_VALUE.
 */
#pragma once

#include <linux/bpf.h>

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
#define ADD_REGISTER(to, from)                                                                     \
	{                                                                                          \
		.code = BPF_ALU64 | BPF_ADD | BPF_X, .dst_reg = (to), .src_reg = (from)            \
	}
#define MULTIPLY(to, value)                                                                        \
	{                                                                                          \
		.code = BPF_ALU64 | BPF_MUL | BPF_K, .dst_reg = (to), .imm = (value)               \
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
#define LOAD_WORD(to, from, at)                                                                    \
	{                                                                                          \
		.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = (to), .src_reg = (from), .off = (at) \
	}
#define STORE(to, at, from)                                                                        \
	{                                                                                          \
		.code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = (to), .src_reg = (from),            \
		.off = (at)                                                                        \
	}
#define ATOMIC_ADD(to, at, from)                                                                   \
	{                                                                                          \
		.code = BPF_STX | BPF_ATOMIC | BPF_DW, .dst_reg = (to), .src_reg = (from),         \
		.off = (at), .imm = BPF_ADD                                                        \
	}
#define LOAD_TWO(to, from, low, high)                                                              \
	{.code = BPF_LD | BPF_IMM | BPF_DW,                                                        \
		.dst_reg = (to),                                                                   \
		.src_reg = (from),                                                                 \
		.imm = (int32_t)(low)},                                                            \
	{                                                                                          \
		.imm = (int32_t)(high)                                                             \
	}
#define LOAD_NUMBER(to, value)         LOAD_TWO(to, 0, (value), (value) >> 32)
#define LOAD_MAP(to, fd)               LOAD_TWO(to, BPF_PSEUDO_MAP_FD, fd, 0)
#define LOAD_MAP_VALUE(to, fd, offset) LOAD_TWO(to, BPF_PSEUDO_MAP_VALUE, fd, offset)
#define UNLESS(reg, value, skip)                                                                   \
	{                                                                                          \
		.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = (reg), .off = (skip), .imm = (value) \
	}
/* Of the lower half. */
#define UNLESS_LOW(reg, value, skip)                                                               \
	{                                                                                          \
		.code = BPF_JMP32 | BPF_JNE | BPF_K, .dst_reg = (reg), .off = (skip),              \
		.imm = (value)                                                                     \
	}
#define UNLESS_REGISTER(reg, other, skip)                                                          \
	{                                                                                          \
		.code = BPF_JMP | BPF_JNE | BPF_X, .dst_reg = (reg), .src_reg = (other),           \
		.off = (skip)                                                                      \
	}
#define IF(reg, value, skip)                                                                       \
	{                                                                                          \
		.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = (reg), .off = (skip), .imm = (value) \
	}
#define IF_REGISTER(reg, other, skip)                                                              \
	{                                                                                          \
		.code = BPF_JMP | BPF_JEQ | BPF_X, .dst_reg = (reg), .src_reg = (other),           \
		.off = (skip)                                                                      \
	}
#define IF_LESS(reg, value, skip)                                                                  \
	{                                                                                          \
		.code = BPF_JMP | BPF_JLT | BPF_K, .dst_reg = (reg), .off = (skip), .imm = (value) \
	}
#define EXIT                                                                                       \
	{                                                                                          \
		.code = BPF_JMP | BPF_EXIT                                                         \
	}

/* size bytes of kernel memory at base + offset, to the stack at r10 + room: six instructions that
 * use r0 to r5. */
#define READ_KERNEL(room, size, base, offset)                                                      \
	MOVE(BPF_REG_3, base), ADD(BPF_REG_3, (int32_t)(offset)), MOVE(BPF_REG_1, BPF_REG_10),     \
		ADD(BPF_REG_1, room), SET(BPF_REG_2, size), CALL(probe_read_kernel)
