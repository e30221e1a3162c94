/* SPDX-License-Identifier: Apache-2.0 */
/* Where callers put parameters, for each architecture. */
#include "tests/unit/unit.h"

#include "libcommon/base/str.h"
#include "libcommon/probes/convention.h"
#include "libcommon/types/intern.h"

static struct types *types;
static struct arena arena;

static uint32_t integer(uint32_t bytes)
{
	return types_integer(types, bytes, true);
}

static uint32_t real(uint32_t bytes)
{
	return intern_float(types, "real", bytes);
}

static uint32_t pair_of(uint32_t first, uint32_t second)
{
	const struct types_field fields[] = {{"first", first}, {"second", second}};

	return types_struct(types, "pair", fields, ARRAY_SIZE(fields));
}

/* The first member is at an odd address. */
static uint32_t packed(void)
{
	const struct types_member members[] = {
		{"byte", integer(1), 0, 0}, {"word", integer(4), 8, 0}};

	return types_layout(types, "packed", members, ARRAY_SIZE(members), 5);
}

/* The second one's bits are in both words. */
static uint32_t bits_across_words(void)
{
	const struct types_member members[] = {
		{"low", integer(8), 0, 61}, {"high", integer(2), 61, 15}};

	return types_layout(types, "bits", members, ARRAY_SIZE(members), 10);
}

static const char *register_name(const struct arch *arch, uint16_t offset)
{
	for (size_t i = 0; i < arch->register_count; i++) {
		if (arch->registers[i].offset == offset)
			return arch->registers[i].name;
	}
	return "?";
}

/* "di:8+si:4", "[sp+8]", "-" for what programs cannot read. */
static void describe(const struct arch *arch, const struct operand *operand, struct str *out)
{
	if (out->length)
		str_append_char(out, ' ');
	if (operand->kind == OPERAND_OTHER) {
		assert_non_null(operand->why);
		str_append_char(out, '-');
		return;
	}
	if (operand->kind == OPERAND_MEMORY) {
		str_printf(out, "[%s+%d]", register_name(arch, operand->base), (int)operand->value);
		return;
	}
	for (const char *plus = ""; operand; operand = operand->rest, plus = "+")
		str_printf(out, "%s%s:%d", plus, register_name(arch, operand->base), operand->size);
}

static void assert_places(const char *name, const uint32_t *parameters, size_t count,
	uint32_t result, const char *text)
{
	_cleanup_str_ struct str out = STR_INIT;
	struct convention call = {.arch = arch_find(name), .types = types, .arena = &arena};

	if (result)
		convention_result_in_memory(&call, result, false);
	for (size_t i = 0; i < count; i++) {
		struct operand operand = convention_parameter(&call, parameters[i], false);

		describe(call.arch, &operand, &out);
	}
	if (result) {
		struct operand operand = convention_result(&call, result, false);

		describe(call.arch, &operand, &out);
	}
	assert_string_equal(str_text(&out), text);
}

static void assert_calls(const uint32_t *parameters, size_t count, uint32_t result,
	const char *x86_64, const char *aarch64)
{
	assert_places("x86_64", parameters, count, result, x86_64);
	assert_places("aarch64", parameters, count, result, aarch64);
}

static int begin(void **state _unused_)
{
	types = types_new(NULL);
	return 0;
}

static int end(void **state _unused_)
{
	types_free(types);
	arena_deinit(&arena);
	return 0;
}

static void numbers(void **state _unused_)
{
	const uint32_t few[] = {integer(4), types_pointer(types, 0, ADDRESS_USER), integer(1)};
	const uint32_t many[] = {integer(8), integer(8), integer(8), integer(8), integer(8),
		integer(8), integer(1), integer(4), integer(8), integer(2)};
	const uint32_t mixed[] = {real(8), integer(4), real(4), integer(4)};

	assert_calls(
		few, ARRAY_SIZE(few), integer(4), "di:4 si:8 dx:1 ax:4", "r0:4 r1:8 r2:1 r0:4");
	assert_calls(many, ARRAY_SIZE(many), 0,
		"di:8 si:8 dx:8 cx:8 r8:8 r9:8 [sp+8] [sp+16] [sp+24] [sp+32]",
		"r0:8 r1:8 r2:8 r3:8 r4:8 r5:8 r6:1 r7:4 [sp+0] [sp+8]");
	assert_calls(mixed, ARRAY_SIZE(mixed), real(8), "- di:4 - si:4 -", "- r0:4 - r1:4 -");
}

static void many_floats(void **state _unused_)
{
	uint32_t parameters[10], wide[] = {real(16), integer(4)};

	for (size_t i = 0; i < ARRAY_SIZE(parameters); i++)
		parameters[i] = real(8);
	assert_calls(parameters, ARRAY_SIZE(parameters), 0, "- - - - - - - - [sp+8] [sp+16]",
		"- - - - - - - - [sp+0] [sp+8]");
	assert_calls(wide, ARRAY_SIZE(wide), real(16), "[sp+8] di:4 -", "- r0:4 -");
}

static void structs(void **state _unused_)
{
	uint32_t small = pair_of(integer(4), integer(2)), two = pair_of(integer(8), integer(4));
	uint32_t large = pair_of(two, integer(8));
	const uint32_t all[] = {small, two, large, packed(), integer(4)};

	assert_calls(all, ARRAY_SIZE(all), two, "di:8 si:8+dx:8 [sp+8] [sp+32] cx:4 ax:8+dx:8",
		"r0:8 r1:8+r2:8 [r3+0] r4:5 r5:4 r0:8+r1:8");
	assert_calls(all, 1, large, "si:8 [ax+0]", "r0:8 -");
}

static void structs_of_floats(void **state _unused_)
{
	uint32_t floats = pair_of(real(4), real(4)), mixed = pair_of(real(8), integer(4));
	uint32_t doubles = pair_of(pair_of(real(8), real(8)), real(8));
	const uint32_t all[] = {floats, mixed, doubles, integer(4)};

	assert_calls(all, ARRAY_SIZE(all), floats, "- - [sp+8] si:4 -", "- r0:8+r1:8 - r2:4 -");
}

/* A struct that does not fit in what is left of the registers is on the stack, as a whole. */
static void structs_that_do_not_fit(void **state _unused_)
{
	uint32_t two = pair_of(integer(8), integer(8));
	const uint32_t all[] = {two, two, integer(8), two, integer(4)};
	const uint32_t more[] = {two, two, two, integer(8), two, integer(4)};

	assert_calls(all, ARRAY_SIZE(all), 0, "di:8+si:8 dx:8+cx:8 r8:8 [sp+8] r9:4",
		"r0:8+r1:8 r2:8+r3:8 r4:8 r5:8+r6:8 r7:4");
	assert_calls(more, ARRAY_SIZE(more), 0,
		"di:8+si:8 dx:8+cx:8 r8:8+r9:8 [sp+8] [sp+16] [sp+32]",
		"r0:8+r1:8 r2:8+r3:8 r4:8+r5:8 r6:8 [sp+0] [sp+16]");
}

static void odd_types(void **state _unused_)
{
	const uint32_t all[] = {types_struct(types, "nothing", NULL, 0),
		types_array(types, real(8), 2), integer(4), 0};

	assert_calls(all, ARRAY_SIZE(all), 0, "- - di:4 -", "- - r0:4 -");
}

/* "Option<u32>": the discriminant, then the payload of one variant. */
static uint32_t option(void)
{
	uint32_t none = types_struct(types, "None", NULL, 0);
	const struct types_member some[] = {{"__0", integer(4), 32, 0}};
	const struct types_member members[] = {{"", integer(4), 0, 0}, {"None", none, 0, 0},
		{"Some", types_layout(types, "Some", some, 1, 8), 0, 0}};

	return types_layout(types, "Option", members, ARRAY_SIZE(members), 8);
}

static void structs_of_rust(void **state _unused_)
{
	const uint32_t three[] = {integer(4), integer(4), integer(4)};
	const struct types_field one[] = {{"__0", integer(8)}};
	const uint32_t all[] = {pair_of(integer(4), integer(4)), option(),
		types_struct(types, "One", one, 1), types_array(types, integer(8), 4), integer(4)};
	const uint32_t unknown[] = {
		integer(8), pair_of(pair_of(three[0], three[1]), three[2]), integer(4)};
	_cleanup_str_ struct str out = STR_INIT;

	for (int i = 0; i < 2; i++) {
		struct convention call = {.arch = arch_find("x86_64"),
			.types = types,
			.arena = &arena,
			.language = LANGUAGE_RUST};
		const uint32_t *parameters = i ? unknown : all;
		struct operand operand;

		for (size_t j = 0; j < (i ? ARRAY_SIZE(unknown) : 3); j++) {
			operand = convention_parameter(&call, parameters[j], false);
			describe(call.arch, &operand, &out);
		}
		operand = convention_result(&call, all[i ? 3 : 0], false);
		describe(call.arch, &operand, &out);
	}
	assert_string_equal(str_text(&out), "di:4+si:4 dx:4+cx:4 r8:8 ax:4+dx:4 di:8 - - [ax+0]");
}

/* What follows a parameter whose registers are not known is not known, either. */
static void other_languages(void **state _unused_)
{
	struct convention call = {.arch = arch_find("x86_64"),
		.types = types,
		.arena = &arena,
		.language = LANGUAGE_OTHER};

	assert_int_equal(convention_parameter(&call, integer(4), false).kind, OPERAND_OTHER);
	assert_int_equal(convention_result(&call, integer(4), false).kind, OPERAND_OTHER);
}

static void classes_by_reference(void **state _unused_)
{
	_cleanup_str_ struct str out = STR_INIT;
	struct convention call = {.arch = arch_find("x86_64"), .types = types, .arena = &arena};
	uint32_t class = pair_of(integer(4), integer(4));
	struct operand operand = convention_parameter(&call, class, true);

	describe(call.arch, &operand, &out);
	operand = convention_result(&call, class, true);
	describe(call.arch, &operand, &out);
	assert_string_equal(str_text(&out), "[di+0] [ax+0]");
}

static void bit_fields(void **state _unused_)
{
	const uint32_t parameters[] = {bits_across_words(), integer(4)};

	assert_calls(parameters, ARRAY_SIZE(parameters), 0, "di:8+si:2 dx:4", "r0:8+r1:2 r2:4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(bit_fields),
		cmocka_unit_test(many_floats),
		cmocka_unit_test(structs),
		cmocka_unit_test(structs_of_floats),
		cmocka_unit_test(structs_that_do_not_fit),
		cmocka_unit_test(odd_types),
		cmocka_unit_test(structs_of_rust),
		cmocka_unit_test(other_languages),
		cmocka_unit_test(classes_by_reference),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
