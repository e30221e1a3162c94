/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A location is a program for a stack machine, of which functions' parameters use few forms: a
 * register, memory at a register, a number, and pieces of these. Source: the DWARF standard,
 * chapter 2.5 and 2.6. A frame is there only after the function's first instructions, but what is
 * in the caller's, above the canonical frame address, can be read at once.
 */
#include "location.h"

#include <dwarf.h>
#include <string.h>

#include "libcommon/base/alloc.h"

#define WHY_VECTOR    "in a register of the vector or floating-point unit"
#define WHY_OPTIMIZED "optimized out"
#define WHY_COMPUTED  "at a place that has to be computed"

enum {
	PIECES_MOST = 8,
	LOCATIONS_MOST = 4, /* that hold at one address */
};

struct expression {
	const Dwarf_Op *at, *end;
	Dwarf_Attribute *attribute; /* that it is of */
	const struct arch *arch;
	uint64_t pc;
	bool is_entry;     /* no instruction of the function has run */
	bool is_lasting;   /* what is described at the entry, too, as if the frame were there */
	bool is_canonical; /* places in the frame count from the canonical frame address */
};

static struct location known(struct operand operand)
{
	return (struct location){.kind = LOCATION_KNOWN, .operand = operand};
}

static struct location absent(const char *why)
{
	return (struct location){
		.kind = LOCATION_ABSENT,
		.operand = {.kind = OPERAND_OTHER, .why = why},
	};
}

static bool takes(struct expression *expression, unsigned atom)
{
	if (expression->at == expression->end || expression->at->atom != atom)
		return false;
	expression->at++;
	return true;
}

/* What follows a register or a sum makes it the value itself, or another's address. */
static bool ends(const struct expression *expression)
{
	return expression->at == expression->end || expression->at->atom == DW_OP_piece ||
	       expression->at->atom == DW_OP_bit_piece;
}

static bool find_register(const struct arch *arch, uint64_t number, uint16_t *ret)
{
	if (number >= arch->dwarf_register_count)
		return false;
	*ret = arch->dwarf_registers[number];
	return true;
}

static struct location in_register(const struct expression *expression, uint64_t number)
{
	const struct arch *arch = expression->arch;
	struct operand operand = {.kind = OPERAND_REGISTER, .has_base = true};

	if (find_register(arch, number, &operand.base))
		return known(operand);
	if (number >= arch->dwarf_vectors &&
		number < (uint64_t)arch->dwarf_vectors + arch->dwarf_vector_count)
		return absent(WHY_VECTOR);
	return absent("in a register that programs cannot read");
}

/* Memory at the sum of a register and a number, or that sum itself. */
static struct location at_sum(struct expression *expression, struct operand operand)
{
	operand.kind = takes(expression, DW_OP_stack_value) ? OPERAND_CONSTANT : OPERAND_MEMORY;
	return ends(expression) ? known(operand) : absent(WHY_COMPUTED);
}

/* In a frame that the function makes after its entry. */
static struct location in_own_frame(struct expression *expression)
{
	bool is_indirect = takes(expression, DW_OP_deref);

	if (!ends(expression))
		return absent(WHY_COMPUTED);
	return (struct location){.kind = LOCATION_FRAME, .is_indirect = is_indirect};
}

/* Functions set the registers that lead to their frames, the stack pointer, too. */
static struct location at_register(struct expression *expression, uint64_t number, int64_t offset)
{
	struct operand operand = {.has_base = true, .value = offset};

	if (!find_register(expression->arch, number, &operand.base))
		return absent(WHY_COMPUTED);
	if (expression->is_lasting && !arch_is_argument(expression->arch, operand.base))
		return in_own_frame(expression);
	return at_sum(expression, operand);
}

/* Parameters that the caller put on the stack; all else in the frame is the function's own. */
static struct location in_frame(struct expression *expression, int64_t offset)
{
	struct operand operand = {
		.has_base = true,
		.base = expression->arch->sp,
		.value = (int64_t)((uint64_t)offset + expression->arch->stack_arguments),
	};
	bool is_outside = expression->is_canonical && expression->is_entry && offset >= 0;

	if (!is_outside ||
		(expression->at < expression->end && expression->at->atom == DW_OP_deref))
		return in_own_frame(expression);
	return at_sum(expression, operand);
}

/* The value that a register had at the entry, which is the one that it has there. */
static struct location entry_value(struct expression *expression, const Dwarf_Op *operation)
{
	Dwarf_Attribute inner;
	Dwarf_Op *operations;
	size_t count;

	if (!expression->is_entry ||
		dwarf_getlocation_attr(expression->attribute, operation, &inner) != 0 ||
		dwarf_getlocation(&inner, &operations, &count) != 0 || count != 1 ||
		!takes(expression, DW_OP_stack_value))
		return absent(WHY_COMPUTED);
	if (operations->atom >= DW_OP_reg0 && operations->atom <= DW_OP_reg31)
		return in_register(expression, operations->atom - DW_OP_reg0);
	return absent(WHY_COMPUTED);
}

static struct location number_itself(struct expression *expression, int64_t value)
{
	if (!takes(expression, DW_OP_stack_value))
		return absent(WHY_COMPUTED);
	return known((struct operand){.kind = OPERAND_CONSTANT, .value = value});
}

/* Bytes that stand in the debug information. */
static struct location implicit_value(
	const struct expression *expression, const Dwarf_Op *operation)
{
	struct operand operand = {.kind = OPERAND_CONSTANT};
	Dwarf_Block block;

	if (dwarf_getlocation_implicit_value(expression->attribute, operation, &block) != 0 ||
		block.length > sizeof(operand.value))
		return absent(WHY_COMPUTED);
	memcpy(&operand.value, block.data, block.length);
	return known(operand);
}

static struct location read_other(struct expression *expression, const Dwarf_Op *operation)
{
	switch (operation->atom) {
	case DW_OP_regx: return in_register(expression, operation->number);
	case DW_OP_bregx:
		return at_register(expression, operation->number, (int64_t)operation->number2);
	case DW_OP_fbreg: return in_frame(expression, (int64_t)operation->number);
	case DW_OP_entry_value:
	case DW_OP_GNU_entry_value: return entry_value(expression, operation);
	case DW_OP_addr:
		return at_sum(
			expression, (struct operand){
					    .is_relative = true,
					    .value = (int64_t)(operation->number - expression->pc),
				    });
	case DW_OP_const1u:
	case DW_OP_const1s:
	case DW_OP_const2u:
	case DW_OP_const2s:
	case DW_OP_const4u:
	case DW_OP_const4s:
	case DW_OP_const8u:
	case DW_OP_const8s:
	case DW_OP_constu:
	case DW_OP_consts: return number_itself(expression, (int64_t)operation->number);
	case DW_OP_implicit_value: return implicit_value(expression, operation);
	default: return absent(WHY_COMPUTED);
	}
}

static struct location read_operation(struct expression *expression)
{
	const Dwarf_Op *operation = expression->at;
	unsigned atom = operation->atom;

	if (ends(expression))
		return absent(WHY_OPTIMIZED);
	expression->at++;
	if (atom >= DW_OP_reg0 && atom <= DW_OP_reg31)
		return in_register(expression, atom - DW_OP_reg0);
	if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31)
		return at_register(expression, atom - DW_OP_breg0, (int64_t)operation->number);
	if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31)
		return number_itself(expression, atom - DW_OP_lit0);
	return read_other(expression, operation);
}

/* One place of so many bytes, all of them if it is not a piece; what is read of it is size bytes.
 */
static struct location read_piece(struct expression *expression, uint32_t left)
{
	struct location location = read_operation(expression);
	uint64_t bytes = left;

	if (expression->at < expression->end && expression->at->atom == DW_OP_piece)
		bytes = expression->at++->number;
	if (bytes > left || (bytes > sizeof(uint64_t) && location.operand.kind != OPERAND_MEMORY))
		return location.kind == LOCATION_KNOWN ? absent(WHY_COMPUTED) : location;
	location.operand.size = bytes > sizeof(uint64_t) ? 0 : (uint8_t)bytes;
	return location;
}

static struct location read_pieces(
	struct expression *expression, uint32_t size, struct arena *arena)
{
	struct location first, piece;
	const struct operand **rest = &first.operand.rest;
	uint32_t left = size;

	if (expression->at == expression->end)
		return absent(WHY_OPTIMIZED);
	first = read_piece(expression, left);
	left -= first.operand.size;
	for (int i = 0; expression->at < expression->end && i < PIECES_MOST; i++) {
		struct operand *operand = arena_new(arena, struct operand);

		piece = read_piece(expression, left);
		if (first.kind != LOCATION_KNOWN || piece.kind != LOCATION_KNOWN)
			return first.kind != LOCATION_KNOWN ? first : piece;
		left -= piece.operand.size;
		*operand = piece.operand;
		*rest = operand;
		rest = &operand->rest;
	}
	return expression->at == expression->end ? first : absent(WHY_COMPUTED);
}

/* Whether places in the frame count from the canonical frame address. */
static bool has_canonical_frame(Dwarf_Die *function)
{
	Dwarf_Attribute attribute;
	Dwarf_Op *operations;
	size_t count;

	return dwarf_attr_integrate(function, DW_AT_frame_base, &attribute) &&
	       dwarf_getlocation(&attribute, &operations, &count) == 0 && count == 1 &&
	       operations->atom == DW_OP_call_frame_cfa;
}

/* Of a function that was made for one value of the parameter. */
static bool find_constant(Dwarf_Die *parameter, struct operand *ret)
{
	Dwarf_Attribute attribute;
	Dwarf_Sword value;

	if (!dwarf_attr(parameter, DW_AT_const_value, &attribute) ||
		dwarf_formsdata(&attribute, &value) != 0)
		return false;
	*ret = (struct operand){.kind = OPERAND_CONSTANT, .value = value};
	return true;
}

/* Whether the description at pc begins at the entry or before. */
static bool is_lasting(Dwarf_Attribute *attribute, uint64_t entry, const Dwarf_Op *at_pc)
{
	Dwarf_Op *operations[LOCATIONS_MOST];
	size_t counts[LOCATIONS_MOST];

	return dwarf_getlocation_addr(attribute, entry, operations, counts, LOCATIONS_MOST) > 0 &&
	       counts[0] > 0 && operations[0]->atom == at_pc->atom &&
	       operations[0]->number == at_pc->number;
}

/* What begins between the entry and the end of the function, the first such description. */
static struct location read_later(
	struct expression *expression, uint64_t entry, uint32_t size, struct arena *arena)
{
	struct location location;
	Dwarf_Addr base, start, end;
	Dwarf_Op *operations;
	size_t count;

	if (dwarf_getlocations(
		    expression->attribute, 0, &base, &start, &end, &operations, &count) <= 0 ||
		start <= entry)
		return absent(WHY_OPTIMIZED);
	expression->at = operations;
	expression->end = operations + count;
	expression->pc = start;
	location = read_pieces(expression, size, arena);
	if (location.kind != LOCATION_KNOWN)
		return absent(WHY_OPTIMIZED);
	location.kind = LOCATION_LATER;
	location.operand.why = WHY_OPTIMIZED;
	return location;
}

struct location location_read(Dwarf_Die *function, Dwarf_Die *parameter, const struct arch *arch,
	uint64_t entry, uint64_t pc, uint32_t size, struct arena *arena)
{
	Dwarf_Op *operations[LOCATIONS_MOST];
	size_t counts[LOCATIONS_MOST];
	Dwarf_Attribute attribute;
	struct operand constant;
	struct expression expression = {.attribute = &attribute, .arch = arch, .pc = pc};

	if (find_constant(parameter, &constant)) {
		constant.size = (uint8_t)MIN(size, (uint32_t)sizeof(uint64_t));
		return known(constant);
	}
	if (!dwarf_attr(parameter, DW_AT_location, &attribute))
		return absent(WHY_OPTIMIZED);
	if (dwarf_getlocation_addr(&attribute, pc, operations, counts, LOCATIONS_MOST) <= 0)
		return entry == pc ? read_later(&expression, entry, size, arena)
				   : absent(WHY_OPTIMIZED);
	if (counts[0] == 0)
		return absent(WHY_OPTIMIZED);
	expression.at = operations[0];
	expression.end = operations[0] + counts[0];
	expression.is_entry = entry == pc;
	expression.is_lasting = entry == pc || is_lasting(&attribute, entry, operations[0]);
	expression.is_canonical = has_canonical_frame(function);
	return read_pieces(&expression, size, arena);
}
