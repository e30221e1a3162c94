/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources: the documents that host/arch.h names. Both sort a value by the words that it has: those
 * of integers go to general registers, those of floating-point numbers to registers that programs
 * cannot read; what is large goes to memory, on the stack (System V) or at an address (AAPCS64).
 */
#include "convention.h"

#include "convention_rust.h"

#include "libcommon/base/alloc.h"

enum {
	WORD = sizeof(uint64_t),
	WORDS_MOST = 2, /* of a struct in registers */
	VECTORS_MOST = 8,
	DEPTH_MOST = 16,
	MEMBERS_MOST = 512,
};

#define WHY_VECTOR "in a register of the vector or floating-point unit"

/* What the words of a value are. */
struct words {
	bool is_integer[WORDS_MOST];
	bool is_float[WORDS_MOST];
	bool is_memory;  /* too large, or not aligned */
	uint32_t floats; /* members, all of one size, or UINT32_MAX */
	uint32_t float_size;
	uint32_t members;
};

static struct operand other(const char *why)
{
	return (struct operand){.kind = OPERAND_OTHER, .why = why};
}

struct operand convention_lose(struct convention *convention, const char *why)
{
	if (!convention->lost)
		convention->lost = why;
	return other(convention->lost);
}

/* --- sorting --- */

/* Counts numbers that are all floating-point numbers of one size. */
static void count_float(struct words *words, bool is_float, uint32_t size)
{
	bool is_alike = words->floats == 0 || words->float_size == size;

	if (!is_float || !is_alike)
		words->floats = UINT32_MAX;
	else if (words->floats != UINT32_MAX)
		words->floats++;
	words->float_size = size;
}

static void sort_number(
	const struct types *types, uint32_t type, uint32_t offset, struct words *words)
{
	uint32_t size = types_size(types, type), word = offset / WORD;
	bool is_float = types_class(types, type) == TYPE_FLOAT;

	if (size == 0)
		return;
	count_float(words, is_float, size);
	if (word >= WORDS_MOST || offset % types_align(types, type) || size > WORD)
		words->is_memory = true;
	else if (is_float)
		words->is_float[word] = true;
	else
		words->is_integer[word] = true;
}

/* A bit-field is in all words that its bits touch, wherever it begins. */
static void sort_bits(uint32_t first, uint32_t width, struct words *words)
{
	words->floats = UINT32_MAX;
	for (uint32_t word = first / (WORD * 8); word <= (first + width - 1) / (WORD * 8); word++) {
		if (word < WORDS_MOST)
			words->is_integer[word] = true;
		else
			words->is_memory = true;
	}
}

static void sort(
	const struct types *types, uint32_t type, uint32_t offset, int depth, struct words *words);

static void sort_members(
	const struct types *types, uint32_t type, uint32_t offset, int depth, struct words *words)
{
	uint32_t count = types_member_count(types, type);

	for (uint32_t i = 0; i < count && words->members < MEMBERS_MOST; i++) {
		struct types_member member = types_member_at(types, type, i);

		words->members++;
		if (member.bit_size) {
			sort_bits(offset * 8 + member.bit_offset, member.bit_size, words);
			continue;
		}
		sort(types, member.type, offset + member.bit_offset / 8, depth + 1, words);
	}
}

static void sort_elements(
	const struct types *types, uint32_t type, uint32_t offset, int depth, struct words *words)
{
	uint32_t count = 0, element = types_element(types, type, &count);
	uint32_t size = types_size(types, element);

	for (uint32_t i = 0; i < count && size && i * size < (WORDS_MOST + 1) * WORD; i++)
		sort(types, element, offset + i * size, depth + 1, words);
}

static void sort(
	const struct types *types, uint32_t type, uint32_t offset, int depth, struct words *words)
{
	if (depth == DEPTH_MOST) {
		words->is_memory = true;
		return;
	}
	switch (types_class(types, type)) {
	case TYPE_STRUCT:
	case TYPE_UNION: sort_members(types, type, offset, depth, words); break;
	case TYPE_ARRAY:
	case TYPE_STRING: sort_elements(types, type, offset, depth, words); break;
	default: sort_number(types, type, offset, words);
	}
}

static struct words words_of(const struct types *types, uint32_t type)
{
	struct words words = {.is_memory = types_size(types, type) > WORDS_MOST * WORD};

	sort(types, type, 0, 0, &words);
	return words;
}

static bool is_composite(const struct types *types, uint32_t type)
{
	enum type_class class = types_class(types, type);

	return class == TYPE_STRUCT || class == TYPE_UNION || class == TYPE_ARRAY ||
	       class == TYPE_STRING;
}

static uint32_t word_count(const struct types *types, uint32_t type)
{
	return ALIGN_UP(types_size(types, type), WORD) / WORD;
}

/* --- places --- */

static struct operand at_register(uint16_t offset, int64_t value, uint32_t size)
{
	return (struct operand){
		.kind = OPERAND_MEMORY,
		.has_base = true,
		.base = offset,
		.value = value,
		.size = size <= WORD ? (uint8_t)size : 0,
	};
}

/* A value in the registers at these offsets of struct pt_regs. */
static struct operand in_registers(
	const struct convention *convention, uint32_t type, const uint16_t *offsets)
{
	uint32_t size = types_size(convention->types, type);
	struct operand first = operand_in_register(offsets[0], MIN(size, (uint32_t)WORD));

	if (size > WORD) {
		struct operand *rest = arena_new(convention->arena, struct operand);

		*rest = operand_in_register(offsets[1], size - WORD);
		first.rest = rest;
	}
	return first;
}

static struct operand on_stack(struct convention *convention, uint32_t type)
{
	uint32_t size = types_size(convention->types, type);
	uint32_t own = types_align(convention->types, type) > WORD ? 2 * WORD : WORD;
	uint32_t align = MAX(own, convention->alignment);
	uint32_t at = ALIGN_UP(convention->stack, align);

	convention->stack = at + ALIGN_UP(size, WORD);
	return at_register(
		convention->arch->sp, (int64_t)convention->arch->stack_arguments + at, size);
}

static struct operand take_integers(struct convention *convention, uint32_t type, uint32_t count)
{
	const uint16_t *offsets = &convention->arch->arguments[convention->integers];

	convention->integers += count;
	return in_registers(convention, type, offsets);
}

static bool has_integers(const struct convention *convention, uint32_t count)
{
	return convention->integers + count <= convention->arch->argument_count;
}

static struct operand take_vectors(struct convention *convention, uint32_t type, uint32_t count)
{
	if (convention->vectors + count > VECTORS_MOST)
		return on_stack(convention, type);
	convention->vectors += count;
	return other(WHY_VECTOR);
}

/* The address of a value in place of it. */
static struct operand by_address(struct convention *convention, uint32_t type)
{
	uint32_t size = types_size(convention->types, type);

	if (has_integers(convention, 1))
		return at_register(convention->arch->arguments[convention->integers++], 0, size);
	convention->stack += WORD;
	return other("at an address on the stack");
}

/* --- System V --- */

static struct operand place_system_v(struct convention *convention, uint32_t type)
{
	struct words words = words_of(convention->types, type);
	uint32_t integers = 0, vectors = 0;

	if (words.is_memory)
		return on_stack(convention, type);
	for (uint32_t i = 0; i < WORDS_MOST; i++) {
		integers += words.is_integer[i];
		vectors += words.is_float[i] && !words.is_integer[i];
	}
	/* before LLVM 18, half of an __int128 may be in the last register */
	if (convention->alignment > WORD && integers == 2 && !has_integers(convention, integers))
		return convention_lose(convention, "where only the compiler knows");
	if (!has_integers(convention, integers) || convention->vectors + vectors > VECTORS_MOST)
		return on_stack(convention, type);
	if (vectors) {
		convention->integers += integers;
		convention->vectors += vectors;
		return other(WHY_VECTOR);
	}
	return take_integers(convention, type, integers);
}

/* --- AAPCS64 --- */

/* Up to four floating-point numbers of one size are each in a register. */
static bool is_of_floats(const struct words *words)
{
	return words->floats >= 1 && words->floats <= 4;
}

static struct operand place_aapcs64(struct convention *convention, uint32_t type)
{
	struct words words = words_of(convention->types, type);
	uint32_t count = word_count(convention->types, type);

	if (is_of_floats(&words))
		return take_vectors(convention, type, words.floats);
	if (types_class(convention->types, type) == TYPE_FLOAT)
		return take_vectors(convention, type, 1);
	if (count > WORDS_MOST)
		return by_address(convention, type);
	if (has_integers(convention, count))
		return take_integers(convention, type, count);
	convention->integers = (uint32_t)convention->arch->argument_count;
	return on_stack(convention, type);
}

/* --- other languages --- */

static struct operand lost(struct convention *convention)
{
	return convention_lose(convention, "where only the compiler knows");
}

static struct operand place_rust(struct convention *convention, uint32_t type)
{
	const uint16_t none[WORDS_MOST] = {};
	bool has_two = has_integers(convention, WORDS_MOST);
	const uint16_t *offsets =
		has_two ? &convention->arch->arguments[convention->integers] : none;
	uint32_t count;
	struct operand operand = convention_rust(convention, type, offsets, &count);

	if (count == UINT32_MAX)
		return by_address(convention, type);
	if (count == 0 || !has_two)
		return lost(convention);
	convention->integers += count;
	return operand;
}

/* --- all --- */

struct operand convention_parameter(struct convention *convention, uint32_t type, bool by_reference)
{
	if (convention->lost || convention->language == LANGUAGE_OTHER)
		return lost(convention);
	if (by_reference)
		return by_address(convention, type);
	if (!type)
		return convention_lose(convention, "of a type whose size is not known");
	if (!types_size(convention->types, type))
		return other("of a type whose size is not known");
	if (is_composite(convention->types, type) && !words_of(convention->types, type).members &&
		types_class(convention->types, type) != TYPE_ARRAY)
		return other("empty");
	if (convention->language == LANGUAGE_RUST && is_composite(convention->types, type))
		return place_rust(convention, type);
	if (convention->arch->convention == CONVENTION_AAPCS64)
		return place_aapcs64(convention, type);
	return place_system_v(convention, type);
}

static bool is_in_memory(const struct convention *convention, uint32_t type, bool by_reference)
{
	struct words words = words_of(convention->types, type);
	const uint16_t none[WORDS_MOST] = {};
	uint32_t count;

	if (by_reference)
		return true;
	if (convention->language == LANGUAGE_RUST && is_composite(convention->types, type)) {
		convention_rust(convention, type, none, &count);
		return count == UINT32_MAX;
	}
	return is_composite(convention->types, type) && words.is_memory &&
	       (convention->arch->convention != CONVENTION_AAPCS64 || !is_of_floats(&words));
}

void convention_result_in_memory(struct convention *convention, uint32_t type, bool by_reference)
{
	/* that of AAPCS64 is no argument's */
	if (convention->arch->convention == CONVENTION_SYSTEM_V &&
		is_in_memory(convention, type, by_reference))
		convention->integers++;
}

struct operand convention_result(
	const struct convention *convention, uint32_t type, bool by_reference)
{
	const struct arch *arch = convention->arch;
	const uint16_t offsets[] = {arch->return_value, arch->second_return_value};
	struct words words = words_of(convention->types, type);
	uint32_t count;

	if (convention->language == LANGUAGE_OTHER)
		return other("where only the compiler knows");
	if (is_in_memory(convention, type, by_reference)) {
		if (arch->convention == CONVENTION_AAPCS64)
			return other("in memory whose address is not kept until the return");
		return at_register(arch->return_value, 0, types_size(convention->types, type));
	}
	if (convention->language == LANGUAGE_RUST && is_composite(convention->types, type))
		return convention_rust(convention, type, offsets, &count);
	for (uint32_t i = 0; i < WORDS_MOST; i++) {
		if (words.is_float[i] && (!words.is_integer[i] || is_of_floats(&words)))
			return other(WHY_VECTOR);
	}
	if (words.is_memory)
		return other(WHY_VECTOR); /* a number of 80 or 128 bits */
	return in_registers(convention, type, offsets);
}
