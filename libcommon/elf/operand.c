/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An argument is SIZE@OPERAND, where SIZE is negative for signed ones and ends in "f" for floating
 * point, and OPERAND is in the assembler's syntax:
 *
 *	x86_64:   $5  $-1  $symbol  %rax  %al  8(%rbp)  -16(%rbp,%rax,8)  symbol+4(%rip)
 *	aarch64:  5  x0  w1  [sp]  [sp, 16]  [x0, x1]  [x0, x1, lsl 3]
 *
 * A symbol becomes an offset from the probe, since the instruction pointer shows the probe's
 * address wherever the file is mapped. A cursor moves over the text; the first part that cannot be
 * parsed sets `why`.
 */
#include "operand.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "libcommon/base/attributes.h"
#include "libcommon/base/vec.h"

struct parse {
	const struct arch *arch;
	const struct operand_symbols *symbols;
	uint64_t address; /* of the probe */
	struct arena *arena;
	const char *at;
	struct operand operand;
};

static void fail(struct parse *parse, const char *why)
{
	if (!parse->operand.why)
		parse->operand.why = why;
	parse->operand.kind = OPERAND_OTHER;
}

static bool take(struct parse *parse, char c)
{
	parse->at += strspn(parse->at, " ");
	if (*parse->at != c)
		return false;
	parse->at++;
	return true;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || strchr("_.$", c);
}

/* A name, "" when there is none. */
static const char *take_word(struct parse *parse)
{
	size_t length = 0;

	parse->at += strspn(parse->at, " ");
	while (parse->at[length] && is_word(parse->at[length]))
		length++;

	const char *word = arena_strndup(parse->arena, parse->at, length);

	parse->at += length;
	return word;
}

/* A register by its name, whose offset in pt_regs is *ret. */
static const struct arch_alias *take_register(struct parse *parse, uint16_t *ret)
{
	const struct arch_alias *alias = arch_alias(parse->arch, take_word(parse));

	if (!alias || !arch_register(parse->arch, alias->reg, ret)) {
		fail(parse, "a register that struct pt_regs does not have");
		return NULL;
	}
	return alias;
}

/* The bytes that count are those of the argument's size, so "-4@%rax" and "-4@%eax" are one. */
static void whole_register(struct parse *parse)
{
	const struct arch_alias *alias = take_register(parse, &parse->operand.base);

	if (!alias)
		return;
	parse->operand.kind = OPERAND_REGISTER;
	parse->operand.shift = alias->shift;
	if (parse->operand.size == 0)
		parse->operand.size = alias->size;
}

/* A number or symbol, with its sign. */
static void take_term(struct parse *parse, bool negative)
{
	uint64_t value = 0;

	if (isdigit((unsigned char)*parse->at)) {
		char *end = NULL;

		value = strtoull(parse->at, &end, 0);
		parse->at = end;
	} else {
		const char *name = take_word(parse);

		if (!*name || negative || parse->operand.is_relative)
			fail(parse, "an unsupported expression");
		else if (!parse->symbols->find(parse->symbols->context, name, &value))
			fail(parse, "a symbol that the file does not have");
		parse->operand.is_relative = true;
		value -= parse->address;
	}
	parse->operand.value =
		(int64_t)((uint64_t)parse->operand.value + (negative ? -value : value));
}

/* "-16", "symbol+8", "4+symbol"; nothing at all is 0. */
static void take_sum(struct parse *parse)
{
	bool negative = take(parse, '-');

	if (!negative)
		take(parse, '+');
	while (!parse->operand.why && is_word(*parse->at)) {
		take_term(parse, negative);
		negative = take(parse, '-');
		if (!negative && !take(parse, '+'))
			break;
		parse->at += strspn(parse->at, " ");
	}
}

/* --- x86_64, as the GNU assembler writes it --- */

static void att_index(struct parse *parse)
{
	uint64_t factor = 1;

	if (!take(parse, '%') || !take_register(parse, &parse->operand.index)) {
		fail(parse, "an unsupported address");
		return;
	}
	parse->operand.has_index = true;
	if (take(parse, ',')) {
		char *end = NULL;

		factor = strtoull(parse->at, &end, 10);
		parse->at = end;
	}
	if (factor != 1 && factor != 2 && factor != 4 && factor != 8)
		fail(parse, "an unsupported address");
	else
		parse->operand.scale = (uint8_t)__builtin_ctzll(factor);
}

/* Behind the parenthesis. A symbol is relative to the probe already, whatever %rip is. */
static void att_address(struct parse *parse)
{
	if (take(parse, '%')) {
		if (strncmp(parse->at, "rip", 3) == 0) {
			parse->at += 3;
			if (!parse->operand.is_relative)
				fail(parse,
					"an address relative to an instruction that is not known");
		} else if (take_register(parse, &parse->operand.base)) {
			parse->operand.has_base = true;
		}
	}
	if (take(parse, ','))
		att_index(parse);
	if (!take(parse, ')'))
		fail(parse, "an unsupported address");
}

/* "fs:8" */
static bool is_segment(const char *text)
{
	return text[0] && text[1] == 's' && text[2] == ':';
}

static void parse_att(struct parse *parse)
{
	if (take(parse, '$')) {
		parse->operand.kind = OPERAND_CONSTANT;
		take_sum(parse);
	} else if (take(parse, '%')) {
		if (is_segment(parse->at))
			fail(parse, "in a segment, as thread-local variables are");
		else
			whole_register(parse);
	} else {
		parse->operand.kind = OPERAND_MEMORY;
		take_sum(parse);
		if (take(parse, '('))
			att_address(parse);
	}
}

/* --- aarch64 --- */

/* Behind "[base,": an offset, or an index with its shift. */
static void arm_offset(struct parse *parse)
{
	take(parse, '#');
	parse->at += strspn(parse->at, " ");
	if (*parse->at == '-' || isdigit((unsigned char)*parse->at)) {
		take_sum(parse);
		return;
	}
	if (!take_register(parse, &parse->operand.index))
		return;
	parse->operand.has_index = true;
	if (!take(parse, ','))
		return;
	if (strcmp(take_word(parse), "lsl") != 0) {
		fail(parse, "an unsupported address");
		return;
	}
	take(parse, '#');

	unsigned long shift = strtoul(parse->at, NULL, 10);

	parse->at += strspn(parse->at, " 0123456789");
	if (shift > 4)
		fail(parse, "an unsupported address");
	parse->operand.scale = (uint8_t)shift;
}

static void parse_arm(struct parse *parse)
{
	if (take(parse, '[')) {
		parse->operand.kind = OPERAND_MEMORY;
		if (!take_register(parse, &parse->operand.base))
			return;
		parse->operand.has_base = true;
		if (take(parse, ','))
			arm_offset(parse);
		if (!take(parse, ']'))
			fail(parse, "an unsupported address");
		return;
	}
	take(parse, '#');
	if (*parse->at == '-' || isdigit((unsigned char)*parse->at)) {
		parse->operand.kind = OPERAND_CONSTANT;
		take_sum(parse);
	} else {
		whole_register(parse);
	}
}

static const struct {
	const char *arch;
	void (*parse)(struct parse *parse);
} syntaxes[] = {
	{"x86_64", parse_att},
	{"aarch64", parse_arm},
};

/* --- arguments --- */

/* "-4@", "8f@"; an operand without it has the size of its register, or of an address. */
static void take_size(struct parse *parse)
{
	char *end = NULL;
	long size = strtol(parse->at, &end, 10);
	bool is_float = end != parse->at && *end == 'f';

	if (end == parse->at || end[is_float] != '@')
		return;
	parse->at = end + is_float + 1;
	parse->operand.is_signed = size < 0;
	size = labs(size);
	parse->operand.size = (uint8_t)size;
	if (is_float)
		fail(parse, "a floating-point number");
	else if (size != 1 && size != 2 && size != 4 && size != 8)
		fail(parse, "of a size that no integer has");
}

static struct operand parse_operand(struct parse parse, const char *text)
{
	parse.at = text;
	parse.operand.text = text;
	take_size(&parse);
	for (size_t i = 0; i < ARRAY_SIZE(syntaxes) && !parse.operand.why; i++) {
		if (strcmp(syntaxes[i].arch, parse.arch->name) == 0)
			syntaxes[i].parse(&parse);
	}
	if (*parse.at && !parse.operand.why)
		fail(&parse, "an unsupported expression");
	if (parse.operand.size == 0)
		parse.operand.size = sizeof(uint64_t);
	return parse.operand;
}

/* The length of the argument at text: blanks inside of brackets are part of it. */
static size_t argument_length(const char *text)
{
	size_t length = 0;
	bool inside = false;

	for (; text[length] && (inside || text[length] != ' '); length++) {
		if (strchr("[(", text[length]))
			inside = true;
		else if (strchr("])", text[length]))
			inside = false;
	}
	return length;
}

struct operands operands_parse(const struct arch *arch, const char *text, uint64_t address,
	const struct operand_symbols *symbols, struct arena *arena)
{
	struct parse parse = {.arch = arch, .symbols = symbols, .address = address, .arena = arena};
	VEC(struct operand) operands = {};

	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		size_t length = argument_length(text);

		vec_push(&operands, parse_operand(parse, arena_strndup(arena, text, length)));
		text += length;
	}

	struct operands result = {
		.items = arena_memdup(
			arena, operands.items, operands.count * sizeof(*operands.items)),
		.count = operands.count,
	};

	vec_deinit(&operands);
	return result;
}

static bool is_equal(const struct operand *a, const struct operand *b)
{
	if (!a || !b)
		return a == b;
	return is_equal(a->rest, b->rest) && a->kind == b->kind && a->size == b->size &&
	       a->is_signed == b->is_signed && a->has_base == b->has_base &&
	       a->has_index == b->has_index && a->is_relative == b->is_relative &&
	       a->scale == b->scale && a->shift == b->shift && a->base == b->base &&
	       a->index == b->index && a->value == b->value;
}

bool operands_equal(const struct operands *a, const struct operands *b)
{
	if (a == b)
		return true;
	if (!a || !b || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!is_equal(&a->items[i], &b->items[i]))
			return false;
	}
	return true;
}
