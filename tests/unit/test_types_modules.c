/* SPDX-License-Identifier: Apache-2.0 */
/* Types that only modules have, found by name in a tree with two of them. */
#include "tests/unit/unit.h"

#include "libcommon/base/suggest.h"
#include "libcommon/host/kbtf.h"
#include "libcommon/types/types.h"
#include "tests/unit/tree.h"

#define FOLDER "/sys/kernel/btf"

struct fixture {
	struct tree tree;
	struct host host;
	struct kbtf *kbtf;
	struct types *types;
};

static int add_struct(
	struct btf *btf, const char *name, uint32_t size, const char *member, int type)
{
	int id = btf__add_struct(btf, name, size);

	btf__add_field(btf, member, type, 0, 0);
	return id;
}

static void write_types(struct fixture *fixture, const char *path, struct btf *btf)
{
	uint32_t size;
	const void *data = btf__raw_data(btf, &size);

	assert_non_null(data);
	tree_write(&fixture->tree, path, data, size);
}

/* Both modules have a struct private, whose name is also that of a member in the kernel. */
static void write_modules(struct fixture *fixture)
{
	struct btf *kernel = btf__new_empty(), *alpha, *beta;
	int long_ = btf__add_int(kernel, "long", 8, BTF_INT_SIGNED);
	int shared = add_struct(kernel, "shared", 8, "private", long_);

	btf__add_fwd(kernel, "hidden", BTF_FWD_STRUCT);
	write_types(fixture, FOLDER "/vmlinux", kernel);
	alpha = btf__new_empty_split(kernel);
	add_struct(alpha, "private", 16, "first", long_);
	add_struct(alpha, "holder", 8, "shared", shared);
	add_struct(alpha, "hidden", 24, "first", long_);
	btf__add_enum(alpha, "of_alpha", 4);
	btf__add_enum_value(alpha, "ALPHA", 5);
	write_types(fixture, FOLDER "/alpha", alpha);
	beta = btf__new_empty_split(kernel);
	add_struct(beta, "private", 32, "second", long_);
	btf__add_enum(beta, "of_beta", 4);
	btf__add_enum_value(beta, "BETA", 6);
	write_types(fixture, FOLDER "/beta", beta);
	btf__free(beta);
	btf__free(alpha);
	btf__free(kernel);
}

static int setup(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){.tree = tree_make()};
	assert_success(host_open_root(fixture.tree.path, &fixture.host));
	write_modules(&fixture);
	fixture.kbtf = kbtf_new(&fixture.host, NULL);
	fixture.types = types_new(fixture.kbtf);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	types_free(fixture->types);
	kbtf_free(fixture->kbtf);
	host_deinit(&fixture->host);
	tree_remove(&fixture->tree);
	return 0;
}

static uint32_t size_of(struct types *types, const char *name)
{
	return types_size(types, types_find(types, "struct", name));
}

static void what_the_kernel_lacks(void **state)
{
	struct types *types = ((struct fixture *)*state)->types;
	struct types_member member = {};
	uint32_t type;
	uint64_t value;

	assert_int_equal(size_of(types, "holder"), 8);
	assert_true(types_member(types, types_find(types, "struct", "holder"), "shared", &member));
	assert_int_equal(member.type, types_find(types, "struct", "shared"));
	assert_true(types_enumerator(types, NULL, "BETA", &type, &value));
	assert_int_equal(value, 6);
	assert_int_equal(types_find(types, "enum", "of_beta"), type);
	assert_int_equal(types_find(types, "struct", "none"), 0);
	assert_false(types_enumerator(types, NULL, "private", &type, &value));
}

static void declared_in_the_kernel_only(void **state)
{
	struct types *types = ((struct fixture *)*state)->types;
	uint32_t hidden = types_forward(types, "struct", "hidden");

	assert_int_equal(types_size(types, types_complete(types, hidden)), 24);
}

static uint32_t size_for(struct types *types, const char *module, const char *name)
{
	return types_size(types, types_find_for(types, module, "struct", name));
}

static void the_module_at_hand_is_first(void **state)
{
	struct types *types = ((struct fixture *)*state)->types;

	assert_int_equal(size_of(types, "private"), 16);
	assert_int_equal(size_for(types, "beta", "private"), 32);
	assert_int_equal(size_for(types, "beta", "holder"), 8);
	assert_int_equal(size_for(types, "alpha", "private"), 16);
	assert_int_equal(size_for(types, NULL, "private"), 16);
}

static void whether_a_module_is_known(void **state)
{
	struct types *types = ((struct fixture *)*state)->types;

	assert_true(types_knows_module(types, "beta"));
	assert_false(types_knows_module(types, "gamma"));
	assert_int_equal(size_for(types, "gamma", "private"), 16);
}

static void suggestions_come_from_modules(void **state)
{
	struct types *types = ((struct fixture *)*state)->types;
	struct suggestion suggestion = suggest_start("privat");

	types_suggest(types, "struct", &suggestion);
	assert_string_equal(suggestion.best, "private");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_the_kernel_lacks, setup, teardown),
		cmocka_unit_test_setup_teardown(declared_in_the_kernel_only, setup, teardown),
		cmocka_unit_test_setup_teardown(the_module_at_hand_is_first, setup, teardown),
		cmocka_unit_test_setup_teardown(whether_a_module_is_known, setup, teardown),
		cmocka_unit_test_setup_teardown(suggestions_come_from_modules, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
