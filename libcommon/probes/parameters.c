/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the debug information says of a place is right even where the compiler changed how the
 * function is called. But of most functions that were not optimized it says only where the
 * parameter will be once the function has stored it. Then the calling convention counts, unless
 * something shows that the function is not called by it. A parameter without a place may have none
 * at all: LLVM lets callers pass anything for one that the function does not use.
 */
#include "parameters.h"

#include <dwarf.h>
#include <errno.h>
#include <string.h>

#include "convention.h"
#include "libcommon/elf/die.h"
#include "libcommon/elf/location.h"
#include "libcommon/types/from_dwarf.h"
#include "passing.h"
#include "programs.h"

enum {
	PARAMETERS_MOST = 255, /* that are read of one function */
};

#define WHY_INSIDE    "known at the entry of the function only"
#define WHY_CLONE     "not where callers put it: the compiler changed the function"
#define WHY_PARTS     "there in part only"
#define WHY_DIFFERENT "of, or behind, a type that compilers place differently"
#define WHY_SIZE      "of a type whose size is not known"

struct parameter {
	struct types_field field;
	struct location location;
	struct operand convention; /* where callers put it */
	const char *unplaced;      /* what hides its size, or NULL */
};

struct reading {
	const struct arch *arch;
	struct types *types;
	struct arena *arena;
	struct debuginfo *info;
	Dwarf_Die function;
	enum convention_language language;
	uint64_t entry, pc;
	VEC(struct parameter) parameters;
};

/* --- types whose place is not known --- */

/* What hides the size of a value, whose type was read as type; NULL if nothing does. */
static const char *find_unplaced(struct reading *reading, Dwarf_Die *die, uint32_t type)
{
	const char *name;
	Dwarf_Die target;

	if (types_size(reading->types, type) || !passing_type(die, &target) ||
		!passing_is_class(dwarf_tag(&target)) || !dwarf_hasattr(&target, DW_AT_declaration))
		return NULL;
	name = die_text(&target, DW_AT_name);
	return arena_printf(reading->arena,
		"of type %s, which the debug information only declares (clang: "
		"-fstandalone-debug)",
		name ? name : "without a name");
}

/* --- places --- */

/* Whether the symbol is of a clone: a part of a function, or a copy specialized for some callers.
 */
static bool is_clone(const char *symbol)
{
	static const char *const marks[] = {".constprop.", ".isra.", ".part.", ".cold"};

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		if (strstr(symbol, marks[i]))
			return true;
	}
	return false;
}

static bool is_called_by_convention(Dwarf_Die *function)
{
	Dwarf_Attribute attribute;
	Dwarf_Word convention;

	return !dwarf_attr(function, DW_AT_calling_convention, &attribute) ||
	       dwarf_formudata(&attribute, &convention) != 0 || convention == DW_CC_normal;
}

/* Whether a register that the debug information names is another one than callers use. */
static bool disagrees(const struct parameter *parameter)
{
	const struct operand *found = &parameter->location.operand;
	const struct operand *expected = &parameter->convention;

	return parameter->location.kind == LOCATION_KNOWN && found->kind == OPERAND_REGISTER &&
	       expected->kind == OPERAND_REGISTER && found->base != expected->base;
}

/* Whether a place that is described too late shows that callers have put the parameter where the
 * convention has it: it is the same, or the function has moved the address of a copy. */
static bool is_confirmed(const struct parameter *parameter, const struct arch *arch)
{
	const struct operand *later = &parameter->location.operand;
	const struct operand *expected = &parameter->convention;

	if (later->kind == OPERAND_MEMORY && expected->kind == OPERAND_MEMORY &&
		expected->base != arch->sp)
		return later->base != arch->sp && later->value == expected->value;
	for (; later && expected; later = later->rest, expected = expected->rest) {
		if (later->kind != expected->kind || later->kind == OPERAND_OTHER ||
			later->base != expected->base || later->value != expected->value)
			return false;
	}
	return later == expected;
}

/* Of a function that only its own file calls, LLVM may have removed the parameter, without a mark
 * before DW_CC_nocall was for that. */
static bool is_removed(struct reading *reading, const struct parameter *parameter)
{
	const struct location *location = &parameter->location;

	if (dwarf_hasattr_integrate(&reading->function, DW_AT_external))
		return false;
	if (location->kind == LOCATION_LATER)
		return !is_confirmed(parameter, reading->arch);
	return location->kind == LOCATION_ABSENT ||
	       (location->kind == LOCATION_KNOWN && location->operand.kind == OPERAND_CONSTANT);
}

/* Why the calling convention does not tell where parameters are; NULL when it does. */
static const char *doubt(struct reading *reading, const struct probe_match *match)
{
	const struct parameter *parameter;

	if (reading->pc != reading->entry)
		return WHY_INSIDE;
	if (is_clone(match->event) || !is_called_by_convention(&reading->function))
		return WHY_CLONE;
	vec_for_each (&reading->parameters, parameter) {
		if (disagrees(parameter) || is_removed(reading, parameter))
			return WHY_CLONE;
	}
	return NULL;
}

/* Whether the operand has all bytes of the type, a number in one piece. */
static bool is_whole(const struct types *types, uint32_t type, const struct operand *operand)
{
	uint32_t size = types_size(types, type), found = 0;

	if (types_is_scalar(types, type))
		return operand->size == size && !operand->rest;
	if (operand->kind == OPERAND_MEMORY && !operand->rest)
		return true;
	for (; operand; operand = operand->rest)
		found += operand->size;
	return found == size;
}

static struct operand choose(
	const struct reading *reading, const struct parameter *parameter, const char *doubt)
{
	const struct types *types = reading->types;
	const struct location *location = &parameter->location;
	struct operand operand = parameter->convention;

	if (!types_size(types, parameter->field.type))
		operand = (struct operand){
			.kind = OPERAND_OTHER,
			.why = parameter->unplaced ? parameter->unplaced : WHY_SIZE,
		};
	else if (location->kind == LOCATION_KNOWN || location->kind == LOCATION_ABSENT)
		operand = location->operand;
	else if (location->kind == LOCATION_LATER && !is_confirmed(parameter, reading->arch))
		operand = (struct operand){.kind = OPERAND_OTHER, .why = location->operand.why};
	else if (doubt)
		operand = (struct operand){.kind = OPERAND_OTHER, .why = doubt};
	if (operand.kind != OPERAND_OTHER && !is_whole(types, parameter->field.type, &operand))
		operand = (struct operand){.kind = OPERAND_OTHER, .why = WHY_PARTS};
	operand.text = parameter->field.name;
	operand.is_signed = types_is_signed(types, parameter->field.type);
	return operand;
}

/* --- the function --- */

/* Where further parameters are depends on the size of this value. */
static void lose_further(
	struct reading *reading, const char *unplaced, struct convention *convention)
{
	if (unplaced)
		convention_lose(
			convention, arena_printf(reading->arena, "behind a value %s", unplaced));
}

/* gcc describes __int128 by registers that the function has yet to fill, or by swapped ones. */
static bool is_implausible(struct reading *reading, const struct parameter *parameter)
{
	const struct operand *found = &parameter->location.operand;

	if (reading->pc != reading->entry || parameter->location.kind != LOCATION_KNOWN ||
		found->kind != OPERAND_REGISTER || !is_called_by_convention(&reading->function))
		return false;
	return found->rest ? !is_confirmed(parameter, reading->arch)
			   : !arch_is_argument(reading->arch, found->base);
}

/* What the type itself does not show. */
static void add_alignment(Dwarf_Die *die, struct convention *convention)
{
	bool is_certain = passing_alignment(die, &convention->alignment);

	if (!is_certain)
		convention_lose(
			convention, "of, or behind, a type that compilers place differently");
}

static void add_parameter(struct reading *reading, Dwarf_Die *die, struct convention *convention)
{
	struct parameter parameter = {};
	const char *name = die_text(die, DW_AT_name);
	uint32_t type = types_from_dwarf(reading->types, reading->info, die);
	uint32_t size = types_size(reading->types, type);

	parameter.field.name =
		name ? name : arena_printf(reading->arena, "arg%zu", reading->parameters.count);
	parameter.field.type = type;
	parameter.location = location_read(&reading->function, die, reading->arch, reading->entry,
		reading->pc, size, reading->arena);
	parameter.unplaced = find_unplaced(reading, die, type);
	add_alignment(die, convention);
	parameter.convention = convention_parameter(
		convention, type, parameter.location.is_indirect || passing_by_reference(die));
	if (is_implausible(reading, &parameter))
		parameter.location = (struct location){
			.kind = LOCATION_ABSENT,
			.operand = {.kind = OPERAND_OTHER, .why = WHY_CLONE},
		};
	lose_further(reading, parameter.unplaced, convention);
	vec_push(&reading->parameters, parameter);
}

static void read_parameters(struct reading *reading)
{
	struct convention convention = {
		reading->arch, reading->types, reading->arena, reading->language};
	uint32_t result = types_from_dwarf(reading->types, reading->info, &reading->function);
	Dwarf_Die die;

	lose_further(reading, find_unplaced(reading, &reading->function, result), &convention);
	add_alignment(&reading->function, &convention);
	if (result)
		convention_result_in_memory(
			&convention, result, passing_by_reference(&reading->function));
	if (dwarf_child(&reading->function, &die) != 0)
		return;
	do {
		if (dwarf_tag(&die) == DW_TAG_formal_parameter)
			add_parameter(reading, &die, &convention);
	} while (reading->parameters.count < PARAMETERS_MOST && dwarf_siblingof(&die, &die) == 0);
}

static void read_result(struct reading *reading)
{
	struct convention convention = {
		reading->arch, reading->types, reading->arena, reading->language};
	uint32_t type = types_from_dwarf(reading->types, reading->info, &reading->function);
	struct parameter result = {.field = {"retval", type}};

	result.unplaced = find_unplaced(reading, &reading->function, type);
	if (!type && !result.unplaced)
		return;
	result.convention =
		convention_result(&convention, type, passing_by_reference(&reading->function));
	add_alignment(&reading->function, &convention);
	if (convention.lost)
		result.convention = convention_lose(&convention, NULL);
	result.location.kind = LOCATION_FRAME;
	vec_push(&reading->parameters, result);
}

static enum convention_language language_of(Dwarf_Die *unit)
{
	switch (dwarf_srclang(unit)) {
	case DW_LANG_Rust: return LANGUAGE_RUST;
	case DW_LANG_Go:
	case DW_LANG_Haskell:
	case DW_LANG_OCaml:
	case DW_LANG_Swift: return LANGUAGE_OTHER;
	default: return LANGUAGE_C;
	}
}

/* The error of a function that is described in a file of its own, which libdw has not found. */
static struct error *find_split(
	struct debuginfo *info, uint64_t address, const struct probe_match *match)
{
	const char *name;
	Dwarf_Die unit;

	if (!debuginfo_described(info, address, &unit))
		return NULL;
	name = die_text(&unit, DW_AT_dwo_name);
	if (!name)
		name = die_text(&unit, DW_AT_GNU_dwo_name);
	if (!name || dwarf_haschildren(&unit) > 0)
		return NULL;
	return error_new(ENODATA,
		"%s is described in a file of its own, %s, which is missing or may not be read: "
		"its arguments are not known",
		match->function, name);
}

static struct error *find_function(
	const struct probe_world *world, const struct probe_match *match, struct reading *reading)
{
	struct error *error = programs_find(world, match, &reading->info, &reading->pc);
	uint8_t address_size = 0;
	Dwarf_Addr entry = 0;
	Dwarf_Die unit;

	if (error)
		return error;
	if (!reading->info)
		return error_new(ENODATA,
			"%s has no debug information about its functions: their arguments are "
			"not known",
			match->target);
	if (!debuginfo_function(reading->info, reading->pc, &reading->function)) {
		error = find_split(reading->info, reading->pc, match);
		if (error)
			return error;
		return error_new(ENODATA,
			"the debug information of %s does not describe %s: its arguments are not "
			"known",
			match->target, match->function);
	}
	if (!dwarf_diecu(&reading->function, &unit, &address_size, NULL) ||
		address_size != sizeof(uint64_t))
		return error_new(ENODATA,
			"%s is a program of 32 bits: where its functions have their arguments is "
			"not known",
			match->target);
	reading->language = language_of(&unit);
	if (dwarf_entrypc(&reading->function, &entry) != 0)
		entry = reading->pc - match->function_offset;
	reading->entry = entry;
	return NULL;
}

static void finish(struct reading *reading, const struct probe_match *match, uint32_t *ret_type,
	const struct operands **ret_operands)
{
	size_t count = reading->parameters.count;
	struct types_field *fields = arena_array(reading->arena, struct types_field, count + 1);
	struct operand *items = arena_array(reading->arena, struct operand, count + 1);
	struct operands *operands = arena_new(reading->arena, struct operands);
	const char *doubted = match->is_return ? NULL : doubt(reading, match);

	for (size_t i = 0; i < count; i++) {
		fields[i] = reading->parameters.items[i].field;
		items[i] = choose(reading, &reading->parameters.items[i], doubted);
		if (!fields[i].type)
			fields[i].type = types_integer(reading->types, 1, false);
	}
	*operands = (struct operands){items, count};
	*ret_operands = operands;
	*ret_type = types_struct(
		reading->types, match->is_return ? "uretprobe_args" : "uprobe_args", fields, count);
}

struct error *parameters_read(const struct probe_world *world, const struct probe_match *match,
	struct types *types, struct arena *arena, uint32_t *ret_type,
	const struct operands **ret_operands)
{
	struct reading reading = {
		.arch = host_arch(world->host),
		.types = types,
		.arena = arena,
	};
	struct error *error = find_function(world, match, &reading);

	if (error)
		return error;
	if (match->is_return)
		read_result(&reading);
	else
		read_parameters(&reading);
	finish(&reading, match, ret_type, ret_operands);
	vec_deinit(&reading.parameters);
	return NULL;
}
