/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/compiler/bind/prototype.h"

static void assert_slice(struct slice slice, const char *text)
{
	assert_int_equal(slice.length, strlen(text));
	assert_memory_equal(slice.begin, text, slice.length);
}

static void variables_have_a_type_only(void **state _unused_)
{
	struct prototype prototype = prototype_parse("pid uint32");

	assert_int_equal(prototype.count, 0);
	assert_slice(prototype.result, "uint32");
	assert_true(prototype_takes(&prototype, 0));
	assert_false(prototype_takes(&prototype, 1));
}

static void parameters_have_types_and_names(void **state _unused_)
{
	struct prototype prototype =
		prototype_parse("strncmp(string a, struct sk_buff * b, const int length) int64");

	assert_int_equal(prototype.count, 3);
	assert_int_equal(prototype.required, 3);
	assert_slice(prototype.result, "int64");
	assert_int_equal(prototype.parameters[0].kind, PARAMETER_STRING);
	assert_slice(prototype.parameters[0].name, "a");
	assert_int_equal(prototype.parameters[1].kind, PARAMETER_TYPE);
	assert_slice(prototype.parameters[1].type, "struct sk_buff *");
	assert_slice(prototype.parameters[1].name, "b");
	assert_int_equal(prototype.parameters[2].kind, PARAMETER_CONST_INT);
	assert_slice(prototype.parameters[2].name, "length");
	assert_false(prototype_takes(&prototype, 2));
	assert_true(prototype_takes(&prototype, 3));
	assert_false(prototype_takes(&prototype, 4));
	assert_null(prototype_parameter(&prototype, 3));
}

static void brackets_may_be_left_out(void **state _unused_)
{
	struct prototype prototype = prototype_parse("f([boot|tai mode], [int n]) void");

	assert_int_equal(prototype.required, 0);
	assert_true(prototype_takes(&prototype, 0));
	assert_true(prototype_takes(&prototype, 2));
	assert_false(prototype_takes(&prototype, 3));
	assert_int_equal(prototype.parameters[0].kind, PARAMETER_MODE);
	assert_true(parameter_has_mode(&prototype.parameters[0], "boot"));
	assert_true(parameter_has_mode(&prototype.parameters[0], "tai"));
	assert_false(parameter_has_mode(&prototype.parameters[0], "ta"));
	assert_false(parameter_has_mode(&prototype.parameters[0], "boot|tai"));
	assert_false(parameter_has_mode(&prototype.parameters[1], "int"));
	assert_slice(prototype.parameters[1].name, "n");
}

static void dots_repeat(void **state _unused_)
{
	struct prototype prototype = prototype_parse("printf(literal format, any...) void");

	assert_int_equal(prototype.required, 1);
	assert_false(prototype_takes(&prototype, 0));
	assert_true(prototype_takes(&prototype, 1));
	assert_true(prototype_takes(&prototype, 100));
	assert_int_equal(prototype_parameter(&prototype, 0)->kind, PARAMETER_LITERAL);
	assert_int_equal(prototype_parameter(&prototype, 99)->kind, PARAMETER_ANY);
	assert_true(prototype_parameter(&prototype, 99)->repeated);
	assert_int_equal(prototype_parameter(&prototype, 99)->name.length, 0);
}

static void alternatives_are_looked_through(void **state _unused_)
{
	static const struct builtin print = {
		.name = "print",
		.prototypes = {"print(map map, [const int top]) void", "print(any value) void"},
	};

	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct compilation c = {.arena = &arena, .prototypes = HASHMAP_INIT};
	const struct prototypes *prototypes = prototypes_of(&c, &print);

	assert_ptr_equal(prototypes, prototypes_of(&c, &print));
	assert_int_equal(prototypes->count, 2);
	assert_true(prototypes_have(prototypes, 0, PARAMETER_MAP));
	assert_true(prototypes_have(prototypes, 0, PARAMETER_ANY));
	assert_true(prototypes_have(prototypes, 1, PARAMETER_CONST_INT));
	assert_false(prototypes_have(prototypes, 1, PARAMETER_MAP));
	assert_false(prototypes_have(prototypes, 2, PARAMETER_ANY));
	hashmap_deinit(&c.prototypes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables_have_a_type_only),
		cmocka_unit_test(parameters_have_types_and_names),
		cmocka_unit_test(brackets_may_be_left_out),
		cmocka_unit_test(dots_repeat),
		cmocka_unit_test(alternatives_are_looked_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
