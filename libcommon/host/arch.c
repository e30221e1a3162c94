/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One block of tables per architecture, then the row that names them. Offsets are those of struct
 * pt_regs in arch/<arch>/include/asm/ptrace.h of the kernel; argument registers come from the
 * processor's calling convention and from syscall_get_arguments() in asm/syscall.h.
 */
#include "arch.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "header_constants.h"
#include "libcommon/base/attributes.h"

#define SYSCALL(name, number)         {#name, number},
#define CONSTANT(header, name, value) {header, #name, value, NULL},

static const struct arch_register x86_64_registers[] = {
	{"r15", 0},
	{"r14", 8},
	{"r13", 16},
	{"r12", 24},
	{"bp", 32},
	{"bx", 40},
	{"r11", 48},
	{"r10", 56},
	{"r9", 64},
	{"r8", 72},
	{"ax", 80},
	{"cx", 88},
	{"dx", 96},
	{"si", 104},
	{"di", 112},
	{"orig_ax", 120},
	{"ip", 128},
	{"cs", 136},
	{"flags", 144},
	{"sp", 152},
	{"ss", 160},
};

/* clang-format off */
#define X86_PARTS(reg, whole, half, quarter, low) \
	{whole, reg, 8, 0}, {half, reg, 4, 0}, {quarter, reg, 2, 0}, {low, reg, 1, 0}
#define X86_NUMBERED(reg) X86_PARTS(reg, reg, reg "d", reg "w", reg "b")

static const struct arch_alias x86_64_aliases[] = {
	X86_PARTS("ax", "rax", "eax", "ax", "al"), {"ah", "ax", 1, 8},
	X86_PARTS("bx", "rbx", "ebx", "bx", "bl"), {"bh", "bx", 1, 8},
	X86_PARTS("cx", "rcx", "ecx", "cx", "cl"), {"ch", "cx", 1, 8},
	X86_PARTS("dx", "rdx", "edx", "dx", "dl"), {"dh", "dx", 1, 8},
	X86_PARTS("si", "rsi", "esi", "si", "sil"),
	X86_PARTS("di", "rdi", "edi", "di", "dil"),
	X86_PARTS("bp", "rbp", "ebp", "bp", "bpl"),
	X86_PARTS("sp", "rsp", "esp", "sp", "spl"),
	X86_NUMBERED("r8"), X86_NUMBERED("r9"), X86_NUMBERED("r10"), X86_NUMBERED("r11"),
	X86_NUMBERED("r12"), X86_NUMBERED("r13"), X86_NUMBERED("r14"), X86_NUMBERED("r15"),
	{"rip", "ip", 8, 0},
};
/* clang-format on */

/* "DWARF Register Number Mapping" of the same document as the calling convention. */
static const uint16_t x86_64_dwarf_registers[] = {
	80, 96, 88, 40, 104, 112, 32, 152, /* ax dx cx bx si di bp sp */
	72, 64, 56, 48, 24, 16, 8, 0,      /* r8 … r15 */
};

static const struct arch_syscall x86_64_syscalls[] = {
#include "syscalls_x86_64.def"
};

static const struct header_constant x86_64_constants[] = {
#include "constants_x86_64.def"
};

static const struct arch x86_64 = {
	.name = "x86_64",
	.triple = "x86_64-linux-gnu",
	.kernel = "x86",
	.elf_machine = EM_X86_64,
	.registers = x86_64_registers,
	.register_count = ARRAY_SIZE(x86_64_registers),
	.aliases = x86_64_aliases,
	.alias_count = ARRAY_SIZE(x86_64_aliases),
	.syscalls = x86_64_syscalls,
	.syscall_count = ARRAY_SIZE(x86_64_syscalls),
	.constants = x86_64_constants,
	.constant_count = ARRAY_SIZE(x86_64_constants),
	.arguments = {112, 104, 96, 88, 72, 64}, /* di si dx cx r8 r9 */
	.argument_count = 6,
	.stack_arguments = 8, /* above the return address */
	.return_value = 80,
	.second_return_value = 96,
	.convention = CONVENTION_SYSTEM_V,
	.dwarf_registers = x86_64_dwarf_registers,
	.dwarf_register_count = ARRAY_SIZE(x86_64_dwarf_registers),
	.dwarf_vectors = 17, /* xmm0 … xmm15, st0 … st7, mm0 … mm7 */
	.dwarf_vector_count = 32,
	.ip = 128,
	.sp = 152,
	.return_address = 152,
	.return_in_memory = true,
	.syscall_arguments = {112, 104, 96, 56, 72, 64}, /* di si dx r10 r8 r9 */
	.syscall_number = 120,
	.syscall_number_size = 8,
	.compat = {"status", 4, 0x2}, /* TS_COMPAT */
};

static const struct arch_register aarch64_registers[] = {
	{"r0", 0},
	{"r1", 8},
	{"r2", 16},
	{"r3", 24},
	{"r4", 32},
	{"r5", 40},
	{"r6", 48},
	{"r7", 56},
	{"r8", 64},
	{"r9", 72},
	{"r10", 80},
	{"r11", 88},
	{"r12", 96},
	{"r13", 104},
	{"r14", 112},
	{"r15", 120},
	{"r16", 128},
	{"r17", 136},
	{"r18", 144},
	{"r19", 152},
	{"r20", 160},
	{"r21", 168},
	{"r22", 176},
	{"r23", 184},
	{"r24", 192},
	{"r25", 200},
	{"r26", 208},
	{"r27", 216},
	{"r28", 224},
	{"r29", 232},
	{"r30", 240},
	{"sp", 248},
	{"pc", 256},
	{"pstate", 264},
};

/* clang-format off */
#define ARM_PARTS(n) {"x" #n, "r" #n, 8, 0}, {"w" #n, "r" #n, 4, 0}

static const struct arch_alias aarch64_aliases[] = {
	ARM_PARTS(0), ARM_PARTS(1), ARM_PARTS(2), ARM_PARTS(3), ARM_PARTS(4), ARM_PARTS(5),
	ARM_PARTS(6), ARM_PARTS(7), ARM_PARTS(8), ARM_PARTS(9), ARM_PARTS(10), ARM_PARTS(11),
	ARM_PARTS(12), ARM_PARTS(13), ARM_PARTS(14), ARM_PARTS(15), ARM_PARTS(16), ARM_PARTS(17),
	ARM_PARTS(18), ARM_PARTS(19), ARM_PARTS(20), ARM_PARTS(21), ARM_PARTS(22), ARM_PARTS(23),
	ARM_PARTS(24), ARM_PARTS(25), ARM_PARTS(26), ARM_PARTS(27), ARM_PARTS(28), ARM_PARTS(29),
	ARM_PARTS(30),
	{"sp", "sp", 8, 0}, {"wsp", "sp", 4, 0}, {"pc", "pc", 8, 0},
};
/* clang-format on */

static const uint16_t aarch64_dwarf_registers[] = {
	0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128, 136, 144, 152, 160,
	168, 176, 184, 192, 200, 208, 216, 224, 232, 240, 248, /* x0 … x30 sp */
};

static const struct arch_syscall aarch64_syscalls[] = {
#include "syscalls_aarch64.def"
};

static const struct header_constant aarch64_constants[] = {
#include "constants_aarch64.def"
};

static const struct arch aarch64 = {
	.name = "aarch64",
	.triple = "aarch64-linux-gnu",
	.kernel = "arm64",
	.elf_machine = EM_AARCH64,
	.registers = aarch64_registers,
	.register_count = ARRAY_SIZE(aarch64_registers),
	.aliases = aarch64_aliases,
	.alias_count = ARRAY_SIZE(aarch64_aliases),
	.syscalls = aarch64_syscalls,
	.syscall_count = ARRAY_SIZE(aarch64_syscalls),
	.constants = aarch64_constants,
	.constant_count = ARRAY_SIZE(aarch64_constants),
	.arguments = {0, 8, 16, 24, 32, 40, 48, 56},
	.argument_count = 8,
	.stack_arguments = 0,
	.return_value = 0,
	.second_return_value = 8,
	.convention = CONVENTION_AAPCS64,
	.dwarf_registers = aarch64_dwarf_registers,
	.dwarf_register_count = ARRAY_SIZE(aarch64_dwarf_registers),
	.dwarf_vectors = 64, /* v0 … v31 */
	.dwarf_vector_count = 32,
	.watches_reads = true,
	.ip = 256,
	.sp = 248,
	.return_address = 240,
	.syscall_arguments = {272, 8, 16, 24, 32, 40}, /* orig_x0: x0 becomes the result */
	.syscall_number = 280,
	.syscall_number_size = 4,
	.compat = {"flags", 8, 1 << 22}, /* TIF_32BIT */
};

static const struct arch *const arches[] = {&x86_64, &aarch64};

#if defined(__x86_64__)
#define NATIVE x86_64
#elif defined(__aarch64__)
#define NATIVE aarch64
#else
#error "this architecture needs a row"
#endif

const struct arch *arch_native(void)
{
	return &NATIVE;
}

const struct arch *arch_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(arches); i++) {
		if (strcmp(arches[i]->name, name) == 0)
			return arches[i];
	}
	return NULL;
}

const struct arch *arch_of_machine(uint16_t elf_machine)
{
	for (size_t i = 0; i < ARRAY_SIZE(arches); i++) {
		if (arches[i]->elf_machine == elf_machine)
			return arches[i];
	}
	return NULL;
}

bool arch_register(const struct arch *arch, const char *name, uint16_t *ret_offset)
{
	if (strcmp(name, "pc") == 0 || strcmp(name, "ip") == 0) {
		*ret_offset = arch->ip;
		return true;
	}
	for (size_t i = 0; i < arch->register_count; i++) {
		if (strcmp(arch->registers[i].name, name) == 0) {
			*ret_offset = arch->registers[i].offset;
			return true;
		}
	}
	return false;
}

bool arch_is_argument(const struct arch *arch, uint16_t offset)
{
	for (size_t i = 0; i < arch->argument_count; i++) {
		if (arch->arguments[i] == offset)
			return true;
	}
	return false;
}

const struct arch_alias *arch_alias(const struct arch *arch, const char *name)
{
	for (size_t i = 0; i < arch->alias_count; i++) {
		if (strcmp(arch->aliases[i].name, name) == 0)
			return &arch->aliases[i];
	}
	return NULL;
}

static int compare_syscall(const void *name, const void *row)
{
	return strcmp(name, ((const struct arch_syscall *)row)->name);
}

bool arch_syscall(const struct arch *arch, const char *name, int32_t *ret_number)
{
	const struct arch_syscall *row =
		bsearch(name, arch->syscalls, arch->syscall_count, sizeof(*row), compare_syscall);

	if (row)
		*ret_number = row->number;
	return row;
}
