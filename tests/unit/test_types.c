/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/kernel_btf.h"

#include <stdio.h>

#include "libcommon/types/types.h"

static void assert_spelled(const struct types *types, uint32_t type, const char *text)
{
	_cleanup_str_ struct str spelled = STR_INIT;

	types_spell(types, type, &spelled);
	assert_string_equal(str_text(&spelled), text);
}

static void integers(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t int64 = types_integer(types, 8, true);
	uint32_t uint8 = types_integer(types, 1, false);

	assert_int_equal(types_integer(types, 8, true), int64);
	assert_int_not_equal(types_integer(types, 8, false), int64);
	assert_int_equal(types_class(types, int64), TYPE_INTEGER);
	assert_int_equal(types_size(types, int64), 8);
	assert_int_equal(types_align(types, int64), 8);
	assert_true(types_is_signed(types, int64));
	assert_false(types_is_signed(types, uint8));
	assert_true(types_is_integer(types, uint8));
	assert_int_equal(types_size(types, uint8), 1);
	assert_spelled(types, int64, "int64");
	assert_spelled(types, uint8, "uint8");
}

static void strings_and_arrays(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t string = types_string(types, 16);
	uint32_t bytes = types_array(types, types_integer(types, 1, true), 16);
	uint32_t table =
		types_array(types, types_array(types, types_integer(types, 4, false), 3), 2);
	uint32_t count = 0;

	assert_int_equal(types_string(types, 16), string);
	assert_int_equal(types_class(types, string), TYPE_STRING);
	assert_int_equal(types_class(types, bytes), TYPE_ARRAY);
	assert_int_equal(types_size(types, string), 16);
	assert_int_equal(types_align(types, string), 1);
	assert_int_equal(types_size(types, table), 24);
	assert_int_equal(types_align(types, table), 4);
	types_element(types, table, &count);
	assert_int_equal(count, 2);
	assert_spelled(types, string, "string[16]");
	assert_spelled(types, bytes, "int8[16]");
}

static void pointers_keep_their_space(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t to = types_integer(types, 1, false);
	uint32_t kernel = types_pointer(types, to, ADDRESS_KERNEL);
	uint32_t user = types_pointer(types, to, ADDRESS_USER);

	assert_int_not_equal(kernel, user);
	assert_int_equal(types_pointer(types, to, ADDRESS_USER), user);
	assert_int_equal(types_space(types, kernel), ADDRESS_KERNEL);
	assert_int_equal(types_space(types, user), ADDRESS_USER);
	assert_int_equal(types_pointee(types, user), to);
	assert_int_equal(types_pointee(types, kernel), to);
	assert_int_equal(types_size(types, user), 8);
	assert_spelled(types, user, "uint8 *");
	assert_spelled(types, types_pointer(types, user, ADDRESS_KERNEL), "uint8 **");
	assert_spelled(types, types_pointer(types, 0, ADDRESS_KERNEL), "void *");
}

static void structs_are_laid_out_as_in_c(void **state _unused_)
{
	struct like {
		char tag;
		uint64_t number;
		uint16_t half;
		char text[5];
	};
	_cleanup_types_ struct types *types = types_new(NULL);
	const struct types_field fields[] = {
		{"tag", types_integer(types, 1, true)},
		{"number", types_integer(types, 8, false)},
		{"half", types_integer(types, 2, false)},
		{"text", types_string(types, 5)},
	};
	uint32_t type = types_struct(types, "like", fields, ARRAY_SIZE(fields));

	assert_int_equal(types_struct(types, "like", fields, ARRAY_SIZE(fields)), type);
	assert_int_not_equal(types_struct(types, "other", fields, ARRAY_SIZE(fields)), type);
	assert_int_equal(types_class(types, type), TYPE_STRUCT);
	assert_int_equal(types_size(types, type), sizeof(struct like));
	assert_int_equal(types_align(types, type), _Alignof(struct like));
	assert_int_equal(types_member_count(types, type), 4);
	assert_spelled(types, type, "struct like");

	struct types_member member;

	assert_true(types_member(types, type, "text", &member));
	assert_int_equal(member.bit_offset, 8 * offsetof(struct like, text));
	assert_int_equal(member.type, fields[3].type);
	assert_string_equal(member.name, "text");
	assert_int_equal(member.owner, type);
	assert_int_equal(member.index, 3);
	assert_false(types_member(types, type, "nothing", &member));
	assert_false(types_member(types, type, "", &member));
	assert_string_equal(types_member_at(types, type, 1).name, "number");
	assert_int_equal(types_member_at(types, type, 9).type, 0);
}

static void names_stay_in_place(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	const struct types_field field = {"first", types_integer(types, 4, true)};
	uint32_t type = types_struct(types, "one", &field, 1);
	const char *name = types_member_at(types, type, 0).name;
	char text[32];

	for (int i = 0; i < 20000; i++) {
		snprintf(text, sizeof(text), "struct_number_%d", i);
		types_struct(types, text, &field, 1);
	}
	assert_string_equal(name, "first");
	assert_ptr_equal(types_member_at(types, type, 0).name, name);
}

static void unnamed_members_are_looked_into(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t number = types_integer(types, 4, true);
	const struct types_member bits[] = {
		{.name = "low", .type = number, .bit_offset = 0, .bit_size = 3},
		{.name = "high", .type = number, .bit_offset = 3, .bit_size = 5},
	};
	uint32_t inner = types_layout(types, NULL, bits, 2, 4);
	const struct types_field outer[] = {{"before", number}, {NULL, inner}};
	uint32_t type = types_struct(types, "outer", outer, 2);
	struct types_member member;

	assert_true(types_member(types, type, "high", &member));
	assert_int_equal(member.bit_offset, 32 + 3);
	assert_int_equal(member.bit_size, 5);
	assert_int_equal(member.type, number);
	assert_int_equal(member.owner, type);
	assert_int_equal(member.index, 1);
	assert_true(types_member(types, inner, "high", &member));
	assert_int_equal(member.bit_offset, 3);
	assert_int_equal(member.owner, inner);
	assert_int_equal(member.index, 1);
}

static void tuples(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	const uint32_t elements[] = {types_integer(types, 8, true), types_string(types, 5)};
	uint32_t tuple = types_tuple(types, elements, 2);
	struct types_member member;

	assert_int_equal(types_tuple(types, elements, 2), tuple);
	assert_int_equal(types_class(types, tuple), TYPE_TUPLE);
	assert_int_equal(types_strip(types, tuple), tuple);
	assert_int_equal(types_size(types, tuple), 16);
	assert_int_equal(types_member_count(types, tuple), 2);
	assert_true(types_member(types, tuple, "_1", &member));
	assert_int_equal(member.bit_offset, 64);
	assert_spelled(types, tuple, "(int64,string[5])");
}

static void meanings(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t form = types_array(types, types_integer(types, 8, false), 12);
	uint32_t hist = types_with_meaning(types, MEANING_LHIST, form, "min=0,max=10,step=1");
	uint32_t other = types_with_meaning(types, MEANING_LHIST, form, "min=0,max=10,step=2");

	assert_int_not_equal(hist, other);
	assert_int_equal(types_class(types, hist), TYPE_MEANING);
	assert_int_equal(types_meaning_of(types, hist), MEANING_LHIST);
	assert_true(types_has_meaning(types, hist, MEANING_LHIST));
	assert_false(types_has_meaning(types, form, MEANING_LHIST));
	assert_int_equal(types_meaning_of(types, form), NR_MEANINGS);
	assert_int_equal(types_form(types, hist), form);
	assert_int_equal(types_size(types, hist), 96);
	assert_string_equal(types_parameters(types, hist), "min=0,max=10,step=1");
	assert_string_equal(types_parameters(types, form), "");
	assert_spelled(types, hist, "lhist");

	uint32_t probe =
		types_with_meaning(types, MEANING_PROBE, types_integer(types, 8, false), NULL);

	assert_string_equal(types_parameters(types, probe), "");
	assert_false(types_is_integer(types, probe));
}

static void names_of_meanings(void **state _unused_)
{
	for (enum meaning i = 0; i < NR_MEANINGS; i++) {
		enum meaning found = NR_MEANINGS;

		assert_true(meaning_find(meaning_name(i), &found));
		assert_int_equal(found, i);
	}

	enum meaning found = NR_MEANINGS;

	assert_false(meaning_find("nothing", &found));
	assert_int_equal(found, NR_MEANINGS);
}

static void basic_types_need_no_kernel(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);

	assert_int_equal(types_find(types, NULL, "uint16"), types_integer(types, 2, false));
	assert_int_equal(types_size(types, types_find(types, NULL, "unsigned long")), 8);
	assert_spelled(types, types_find(types, NULL, "int"), "int");
	assert_int_equal(types_find(types, NULL, "no_such_type"), 0);
	assert_int_equal(types_find(types, "struct", "int"), 0);
}

/* Something of every kind that the compiler makes. */
static uint32_t everything(struct types *types)
{
	uint32_t number = types_integer(types, 8, true);
	const uint32_t elements[] = {number, types_string(types, 16)};
	uint32_t task = types_forward(types, "struct", "task_struct");
	const struct types_field fields[] = {
		{"tuple", types_tuple(types, elements, 2)},
		{"task", types_pointer(types, task, ADDRESS_KERNEL)},
		{"name", types_pointer(types, types_integer(types, 1, true), ADDRESS_USER)},
		{"hist", types_with_meaning(
				 types, MEANING_HIST, types_array(types, number, 4), "bits=3")},
		{"probe", types_with_meaning(
				  types, MEANING_PROBE, types_integer(types, 8, false), NULL)},
	};

	return types_struct(types, "everything", fields, ARRAY_SIZE(fields));
}

static void assert_everything(const struct types *types, uint32_t type)
{
	const char *const spelled[] = {
		"(int64,string[16])",
		"struct task_struct *",
		"int8 *",
		"hist",
		"probe",
	};

	assert_int_equal(types_size(types, type), 24 + 8 + 8 + 32 + 8);
	assert_int_equal(types_member_count(types, type), ARRAY_SIZE(spelled));
	for (uint32_t i = 0; i < ARRAY_SIZE(spelled); i++)
		assert_spelled(types, types_member_at(types, type, i).type, spelled[i]);
	assert_int_equal(types_space(types, types_member_at(types, type, 2).type), ADDRESS_USER);
	assert_string_equal(
		types_parameters(types, types_member_at(types, type, 3).type), "bits=3");
}

static void exported_btf_is_read_back(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);

	types_string(types, 99); /* is not reached, so it is not exported */

	const uint32_t roots[] = {everything(types), types_integer(types, 8, true)};
	uint32_t ids[2];
	struct btf *btf;

	assert_success(types_export(types, roots, 2, ids, &btf));

	_cleanup_types_ struct types *adopted = types_adopt(btf);

	assert_everything(adopted, ids[0]);
	assert_spelled(adopted, ids[1], "int64");
	for (uint32_t id = 1; id < btf__type_cnt(btf); id++)
		assert_int_not_equal(types_size(adopted, id), 99);
}

static void the_kernel_takes_exported_btf(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t root = everything(types), id;
	struct btf *btf;

	assert_success(types_export(types, &root, 1, &id, &btf));

	assert_kernel_takes(btf);
	btf__free(btf);
}

/* A struct of packed members, as debug information may have it: all of them are at odd places. */
static uint32_t packed_floats(struct types *types)
{
	struct btf *foreign = btf__new_empty();
	uint32_t single = btf__add_float(foreign, "float", 4);
	uint32_t real = btf__add_float(foreign, "double", 8);
	uint32_t wide = btf__add_float(foreign, "long double", 16);
	uint32_t named = btf__add_typedef(foreign, "real", btf__add_const(foreign, real));

	btf__add_struct(foreign, "packed", 30);
	btf__add_field(foreign, "single", single, 8, 0);
	btf__add_field(foreign, "named", named, 40, 0);
	btf__add_field(foreign, "wide", wide, 104, 0);
	uint32_t imported = types_import(types, foreign, btf__type_cnt(foreign) - 1);

	btf__free(foreign);
	return imported;
}

static void floats_at_odd_places_are_taken_by_the_kernel(void **state _unused_)
{
	static const struct types_member expected[] = {
		{.name = "single", .bit_offset = 8},
		{.name = "named", .bit_offset = 40},
		{.name = "wide", .bit_offset = 104},
	};
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t root = packed_floats(types), id;
	struct btf *btf;

	assert_success(types_export(types, &root, 1, &id, &btf));
	assert_kernel_takes(btf);

	_cleanup_types_ struct types *adopted = types_adopt(btf);

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		struct types_member found;

		assert_true(types_member(adopted, id, expected[i].name, &found));
		assert_int_equal(found.bit_offset, expected[i].bit_offset);
		assert_int_equal(types_class(adopted, found.type), TYPE_FLOAT);
	}
}

/* Two names that begin alike: what is left of them differs, and the kernel takes it. */
static void long_names_are_taken_by_the_kernel(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	char one[5000], other[5000];
	uint32_t number = types_integer(types, 4, true), ids[2];
	struct btf *btf;

	memset(one, ':', sizeof(one));
	one[sizeof(one) - 1] = '\0';
	memcpy(other, one, sizeof(one));
	one[sizeof(one) - 2] = 'x';

	const struct types_field fields[] = {{one, number}, {other, number}};
	const uint32_t roots[] = {types_struct(types, one, fields, ARRAY_SIZE(fields)),
		types_struct(types, other, fields, ARRAY_SIZE(fields))};

	assert_success(types_export(types, roots, ARRAY_SIZE(roots), ids, &btf));
	assert_kernel_takes(btf);

	_cleanup_types_ struct types *adopted = types_adopt(btf);

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		const char *name = types_member_at(adopted, ids[i], 0).name;

		assert_int_equal(strlen(name), 127);
		assert_string_not_equal(name, types_member_at(adopted, ids[i], 1).name);
	}
	assert_int_not_equal(ids[0], ids[1]);
}

/* Circles and ids out of range: answers may be nonsense, but they come. */
static void broken_btf_is_survived(void **state _unused_)
{
	struct btf *btf = btf__new_empty();
	uint32_t circle = btf__add_typedef(btf, "round", 2);

	btf__add_const(btf, circle);

	uint32_t self = btf__add_struct(btf, "self", 8);

	btf__add_field(btf, NULL, self, 0, 0);
	btf__add_field(btf, NULL, self, 0, 0);

	uint32_t array = btf__add_array(btf, 1, 0, UINT32_MAX);

	btf_array((struct btf_type *)btf__type_by_id(btf, array))->type = array;

	uint32_t lost = btf__add_ptr(btf, 12345);
	uint32_t tuple = btf__add_typedef(btf, "tuple", self);

	_cleanup_types_ struct types *types = types_adopt(btf);
	const uint32_t all[] = {circle, self, array, lost, tuple, 4711};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		_cleanup_str_ struct str text = STR_INIT;
		struct types_member member;

		types_class(types, all[i]);
		assert_int_equal(types_size(types, all[i]) & 7, 0);
		assert_in_range(types_align(types, all[i]), 1, 16);
		assert_false(types_member(types, all[i], "x", &member));
		types_spell(types, all[i], &text);
		assert_true(text.length > 0);
	}
	assert_int_equal(types_class(types, circle), TYPE_VOID);
	assert_int_equal(types_class(types, types_pointee(types, lost)), TYPE_VOID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers),
		cmocka_unit_test(strings_and_arrays),
		cmocka_unit_test(pointers_keep_their_space),
		cmocka_unit_test(structs_are_laid_out_as_in_c),
		cmocka_unit_test(names_stay_in_place),
		cmocka_unit_test(unnamed_members_are_looked_into),
		cmocka_unit_test(tuples),
		cmocka_unit_test(meanings),
		cmocka_unit_test(names_of_meanings),
		cmocka_unit_test(basic_types_need_no_kernel),
		cmocka_unit_test(exported_btf_is_read_back),
		cmocka_unit_test(the_kernel_takes_exported_btf),
		cmocka_unit_test(floats_at_odd_places_are_taken_by_the_kernel),
		cmocka_unit_test(long_names_are_taken_by_the_kernel),
		cmocka_unit_test(broken_btf_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
