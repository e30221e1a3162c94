/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <bpf/btf.h>

#include "libcommon/host/btf_check.h"

static void cleanup_btf(struct btf **btf)
{
	btf__free(*btf);
}

#define _cleanup_btf_ _cleanup_(cleanup_btf)

/* The header of a type may be written to: libbpf's own check comes earlier, when bytes are read. */
static struct btf_type *at(struct btf *btf, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	assert_non_null(type);
	return (struct btf_type *)(uintptr_t)type;
}

/* 1 int, 2 node *, 3 struct node { int value; struct node *next; }, 4 char, 5 char[16], 6 typedef
 */
static struct btf *sound(void)
{
	struct btf *btf = btf__new_empty();

	btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	btf__add_ptr(btf, 3);
	btf__add_struct(btf, "node", 16);
	btf__add_field(btf, "value", 1, 0, 0);
	btf__add_field(btf, "next", 2, 64, 0);
	btf__add_int(btf, "char", 1, BTF_INT_SIGNED);
	btf__add_array(btf, 1, 4, 16);
	btf__add_typedef(btf, "node_t", 3);
	return btf;
}

static void sound_types_pass(void **state _unused_)
{
	_cleanup_btf_ struct btf *btf = sound();

	btf__add_fwd(btf, "later", BTF_FWD_STRUCT);
	btf__add_enum(btf, "e", 4);
	btf__add_enum_value(btf, "A", 1);
	btf__add_func_proto(btf, 1);
	btf__add_func_param(btf, "n", 2);
	btf__add_func(btf, "f", BTF_FUNC_STATIC, 9);
	btf__add_union(btf, "u", 16);
	btf__add_field(btf, "a", 6, 0, 0);
	btf__add_struct(btf, "bits", 4);
	btf__add_field(btf, "low", 1, 0, 3);
	btf__add_field(btf, "high", 1, 3, 29);
	btf__add_var(btf, "v", BTF_VAR_GLOBAL_ALLOCATED, 3);
	btf__add_datasec(btf, ".bss", 16);
	btf__add_datasec_var_info(btf, btf__type_cnt(btf) - 2, 0, 16);
	assert_success(btf_check(btf));
}

static void numbers_of_types_are_in_range(void **state _unused_)
{
	_cleanup_btf_ struct btf *btf = sound();

	at(btf, 6)->type = 7;
	assert_failure(btf_check(btf), "type 7: there is no such type");
	at(btf, 6)->type = UINT32_MAX;
	assert_failure(btf_check(btf), "type 4294967295: there is no such type");
	at(btf, 6)->type = 3;
	at(btf, 2)->type = 99;
	assert_failure(btf_check(btf), "type 99: there is no such type");
	at(btf, 2)->type = 3;
	btf_members(at(btf, 3))[1].type = 7;
	assert_failure(btf_check(btf), "type 7: there is no such type");
}

static void names_are_in_range(void **state _unused_)
{
	_cleanup_btf_ struct btf *btf = sound();

	at(btf, 6)->name_off = 1 << 20;
	assert_failure(btf_check(btf), "type 6: its name is out of range");
	at(btf, 6)->name_off = 0;
	assert_failure(btf_check(btf), "type 6: it has no name");
	at(btf, 6)->name_off = at(btf, 3)->name_off;
	btf_members(at(btf, 3))[0].name_off = 1 << 20;
	assert_failure(btf_check(btf), "type 3: a member's name is out of range");
}

/* Where in the circle the walk stops does not matter. */
static void assert_nested(const struct btf *btf)
{
	_cleanup_error_ struct error *error = btf_check(btf);

	assert_non_null(error);
	assert_non_null(strstr(error->message, "contains itself or nests too deeply"));
}

static void nothing_contains_itself(void **state _unused_)
{
	_cleanup_btf_ struct btf *btf = sound();

	btf_members(at(btf, 3))[1].type = 3;
	assert_nested(btf);
	btf_members(at(btf, 3))[1].type = 6;
	assert_nested(btf);
	btf_members(at(btf, 3))[1].type = 2;
	assert_success(btf_check(btf));
	at(btf, 6)->type = 6;
	assert_nested(btf);
	at(btf, 6)->type = 1;
	at(btf, 2)->type = 2;
	assert_nested(btf);
	at(btf, 2)->type = 3;
	btf_array(at(btf, 5))->type = 5;
	assert_nested(btf);
}

/* Each qualifier refers to the one before it, or to the one behind it. */
static void long_chains_are_refused(void **state _unused_)
{
	for (int backwards = 0; backwards < 2; backwards++) {
		_cleanup_btf_ struct btf *btf = sound();
		int length = 10000;

		for (int i = 0; i < length; i++)
			btf__add_const(btf, backwards ? (i + 1 < length ? 8 + i : 1) : 6 + i);

		_cleanup_error_ struct error *error = btf_check(btf);

		assert_non_null(error);
		assert_non_null(strstr(error->message, "nests too deeply"));
	}
}

/* "struct { ... }", which is spelled out wherever it is used; the type of its members is member. */
static int add_nameless(struct btf *btf, int member, int count)
{
	int id = btf__add_struct(btf, NULL, 16);

	for (int i = 0; i < count; i++)
		assert_int_equal(btf__add_field(btf, "m", member, 0, 0), 0);
	return id;
}

/* Behind pointers, too, which C cannot say. */
static void nothing_is_spelled_inside_of_itself(void **state _unused_)
{
	_cleanup_btf_ struct btf *btf = sound();
	int pointer = btf__add_ptr(btf, 8);

	assert_int_equal(add_nameless(btf, pointer, 1), 8);
	assert_nested(btf);
	at(btf, 7)->type = 3;
	assert_success(btf_check(btf));
}

/* A chain of such behind pointers, each of which is used once. */
static void long_texts_behind_pointers_are_refused(void **state _unused_)
{
	_cleanup_btf_ struct btf *btf = sound();
	int id = 1;

	for (int i = 0; i < 10000; i++)
		id = add_nameless(btf, btf__add_ptr(btf, id), 1);

	_cleanup_error_ struct error *error = btf_check(btf);

	assert_non_null(error);
	assert_non_null(strstr(error->message, "nests too deeply"));
}

/* Six types of 100 members each: 10^12 members in the text of the last one. */
static void texts_without_end_are_refused(void **state _unused_)
{
	_cleanup_btf_ struct btf *btf = sound();
	int id = 1;

	for (int i = 0; i < 6; i++)
		id = add_nameless(btf, btf__add_ptr(btf, id), 100);
	assert_failure(btf_check(btf), "type 14: the text of the types is too long");
}

/* The chain of structs inside of structs that the types of kernels have: 33 levels. */
static void kernels_nest_deeply(void **state _unused_)
{
	_cleanup_btf_ struct btf *btf = sound();
	int id = 1;

	for (int i = 0; i < 16; i++) {
		int outer = btf__add_struct(btf, "level", 4);

		btf__add_field(btf, "inner", id, 0, 0);
		id = btf__add_typedef(btf, "level_t", outer);
	}
	assert_success(btf_check(btf));
}

static void members_are_inside(void **state _unused_)
{
	_cleanup_btf_ struct btf *btf = sound();

	btf_members(at(btf, 3))[1].offset = 65;
	assert_failure(btf_check(btf), "type 3: a member has no size or is not at a byte");
	btf_members(at(btf, 3))[1].offset = 72;
	assert_failure(btf_check(btf), "type 3: a member lies outside of it");
	btf_members(at(btf, 3))[1].offset = UINT32_MAX & ~7u;
	assert_failure(btf_check(btf), "type 3: a member lies outside of it");
	btf_members(at(btf, 3))[1].offset = 64;
	at(btf, 3)->size = 15;
	assert_failure(btf_check(btf), "type 3: a member lies outside of it");
}

static void sizes_are_sane(void **state _unused_)
{
	_cleanup_btf_ struct btf *btf = sound();

	btf_array(at(btf, 5))->nelems = UINT32_MAX;
	btf_array(at(btf, 5))->type = 3;
	assert_failure(btf_check(btf), "type 5: an array without a size");
	btf_array(at(btf, 5))->type = 4;
	at(btf, 1)->size = 3;
	assert_failure(btf_check(btf), "type 1: an integer of an odd size");
	at(btf, 1)->size = 4;
	assert_success(btf_check(btf));
	btf__add_float(btf, "half", 2);
	at(btf, 7)->size = 0;
	assert_failure(btf_check(btf), "type 7: a floating-point number of an odd size");
}

/* What has no alignment is no part of a struct. */
static void members_are_values(void **state _unused_)
{
	_cleanup_btf_ struct btf *btf = sound();

	btf__add_func_proto(btf, 1);
	btf_members(at(btf, 3))[0].type = 7;
	assert_failure(btf_check(btf), "type 3: a member is no value");
	btf_members(at(btf, 3))[0].type = 0;
	assert_failure(btf_check(btf), "type 3: a member is no value");
	btf_members(at(btf, 3))[0].type = 1;
	btf__add_struct(btf, "bits", 8);
	btf__add_field(btf, "low", 2, 0, 3);
	assert_failure(btf_check(btf), "type 8: a member is no value");
	btf_members(at(btf, 8))[0].type = 1;
	assert_success(btf_check(btf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_types_pass),
		cmocka_unit_test(numbers_of_types_are_in_range),
		cmocka_unit_test(names_are_in_range),
		cmocka_unit_test(nothing_contains_itself),
		cmocka_unit_test(long_chains_are_refused),
		cmocka_unit_test(nothing_is_spelled_inside_of_itself),
		cmocka_unit_test(long_texts_behind_pointers_are_refused),
		cmocka_unit_test(texts_without_end_are_refused),
		cmocka_unit_test(kernels_nest_deeply),
		cmocka_unit_test(members_are_inside),
		cmocka_unit_test(sizes_are_sane),
		cmocka_unit_test(members_are_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
