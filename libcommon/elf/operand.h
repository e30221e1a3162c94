/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The locations of a probe's arguments. Those of a static probe are operands that the compiler
 * stored in the probe's note, "-4@%edi 8@-16(%rbp,%rax,8) 4@$7" (source: sys/sdt.h, and the page
 * "User Space Probe Implementation" of the SystemTap project); those of a function come from its
 * debug information (location.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcommon/base/arena.h"
#include "libcommon/host/arch.h"

enum operand_kind {
	OPERAND_CONSTANT, /* value */
	OPERAND_REGISTER, /* base */
	OPERAND_MEMORY,   /* at base + (index << scale) + value */
	OPERAND_OTHER,    /* programs cannot read it: why describes it */
};

struct operand {
	const char *text; /* as the note has it; of a function: the argument's name */
	const char *why;
	enum operand_kind kind;
	uint8_t size; /* bytes: 1, 2, 4 or 8; of a struct in registers 1 to 8, in memory 0 */
	bool is_signed;
	bool has_base, has_index;
	bool is_relative;     /* value counts from the probe's own address */
	uint8_t scale;        /* of index, as a shift */
	uint8_t shift;        /* of a register: its value begins at this bit */
	uint16_t base, index; /* offsets in struct pt_regs */
	int64_t value;
	const struct operand *rest; /* of a struct in several places: what follows these bytes */
};

/* The low size bytes of the register at an offset in struct pt_regs. */
static inline struct operand operand_in_register(uint16_t offset, uint32_t size)
{
	return (struct operand){
		.kind = OPERAND_REGISTER,
		.has_base = true,
		.base = offset,
		.size = (uint8_t)size,
	};
}

struct operands {
	const struct operand *items;
	size_t count;
};

/* The address that the program's file gives a symbol; false when it has none of the name. */
struct operand_symbols {
	bool (*find)(void *context, const char *name, uint64_t *ret);
	void *context;
};

/*
 * Parses the argument text of a note for a probe at address. What cannot be parsed is
 * OPERAND_OTHER, never an error: most scripts do not use it. Texts are in arena.
 */
struct operands operands_parse(const struct arch *arch, const char *text, uint64_t address,
	const struct operand_symbols *symbols, struct arena *arena);

/* Whether one program can read both. */
bool operands_equal(const struct operands *a, const struct operands *b);
