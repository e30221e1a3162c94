/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between CPU architectures: offsets in struct pt_regs, the numbers of the system
 * calls, and some constants of C headers. One row per architecture; offsets are in bytes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arch_register {
	const char *name; /* as reg("name") spells it */
	uint16_t offset;
};

/* What assemblers call a register or a part of it. */
struct arch_alias {
	const char *name;
	const char *reg; /* its arch_register */
	uint8_t size;    /* bytes */
	uint8_t shift;   /* the bit where it begins */
};

struct arch_syscall {
	const char *name; /* of its trace event, without sys_enter_: "newfstat" for fstat(2) */
	uint16_t number;
};

/* How functions of programs are called: the document that describes it. */
enum arch_convention {
	CONVENTION_SYSTEM_V, /* "System V Application Binary Interface", AMD64 supplement */
	CONVENTION_AAPCS64,  /* "Procedure Call Standard for the Arm 64-bit Architecture" */
};

struct arch {
	const char *name;     /* as uname -m spells it */
	const char *triple;   /* as compilers and Debian's directories of libraries spell it */
	const char *kernel;   /* as directories of the kernel's sources spell it */
	uint16_t elf_machine; /* e_machine of its ELF files */
	const struct arch_register *registers;
	size_t register_count;
	const struct arch_alias *aliases;
	size_t alias_count;
	const struct arch_syscall *syscalls; /* sorted by name */
	size_t syscall_count;
	const struct header_constant *constants; /* that others have differently, or not at all */
	size_t constant_count;

	/* Function arguments in registers; those after them are on the stack of 8-byte words. */
	uint16_t arguments[8];
	size_t argument_count;
	uint16_t stack_arguments; /* the first one's distance from sp at function entry */
	uint16_t return_value;
	uint16_t second_return_value; /* the upper half of what does not fit */
	enum arch_convention convention;
	uint16_t ip;
	uint16_t sp;
	uint16_t return_address; /* at function entry */
	bool return_in_memory;   /* that register points to it */

	/* Debug information names registers by numbers: offsets by these, and the numbers of
	 * registers that programs cannot read, from the first on. */
	const uint16_t *dwarf_registers;
	size_t dwarf_register_count;
	uint16_t dwarf_vectors;
	uint16_t dwarf_vector_count;

	bool watches_reads; /* hardware breakpoints can be for reads only */

	/* In the pt_regs that the raw tracepoints sys_enter and sys_exit are given. */
	uint16_t syscall_arguments[6];
	uint16_t syscall_number; /* still there at exit */
	uint16_t syscall_number_size;

	/* A task is in a call of the compat ABI when task_struct.thread_info.<member> & mask. */
	struct {
		const char *member;
		uint16_t size;
		uint64_t mask;
	} compat;
};

/* The architecture of this build, whose row always exists: for the running machine only. What is
 * compiled for, host_arch() returns. */
const struct arch *arch_native(void);

/* By the name that uname -m has for it; NULL when there is no row. */
const struct arch *arch_find(const char *name);

/* By e_machine of ELF files; NULL when there is no row. */
const struct arch *arch_of_machine(uint16_t elf_machine);

/* Offset of a register in pt_regs; false when there is none of the name. */
bool arch_register(const struct arch *arch, const char *name, uint16_t *ret_offset);

/* Whether callers pass integer arguments in the register at this offset. */
bool arch_is_argument(const struct arch *arch, uint16_t offset);

/* By the assembler's name, "eax"; NULL when there is none. */
const struct arch_alias *arch_alias(const struct arch *arch, const char *name);

/* Number of the system call behind the events sys_enter_<name> and sys_exit_<name>; false when
 * it is not in the table. */
bool arch_syscall(const struct arch *arch, const char *name, int32_t *ret_number);
