/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <linux/btf.h>
#include <stdio.h>

#include "libcommon/base/alloc.h"
#include "libcommon/host/feature.h"
#include "libcommon/host/kbtf.h"
#include "tests/unit/tree.h"

#define VMLINUX "/sys/kernel/btf/vmlinux"

/* The bytes of a BTF with one enum. */
static void make_btf(const char *const *enumerators, size_t count, struct str *out)
{
	struct btf *btf = btf__new_empty();
	uint32_t size;

	assert_non_null(btf);
	assert_true(btf__add_enum(btf, "an_enum", 4) > 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(btf__add_enum_value(btf, enumerators[i], (int)i), 0);

	const void *data = btf__raw_data(btf, &size);

	assert_non_null(data);
	str_append_bytes(out, data, size);
	btf__free(btf);
}

struct fixture {
	struct tree tree;
	struct host host;
	struct kbtf *kbtf;
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){.tree = tree_make()};
	assert_success(host_open_root(fixture.tree.path, &fixture.host));
	fixture.kbtf = kbtf_new(&fixture.host, NULL);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	kbtf_free(fixture->kbtf);
	host_deinit(&fixture->host);
	tree_remove(&fixture->tree);
	return 0;
}

static void names_are_whole(void **state)
{
	struct fixture *fixture = *state;
	static const char *const enumerators[] = {"BPF_ONE", "BPF_TWO", "LONGER_BPF_THREE"};
	static const char *const wanted[] = {"nope", "BPF_TWO", "BPF_THREE", "an_enum", ""};
	_cleanup_str_ struct str btf = STR_INIT;

	make_btf(enumerators, 3, &btf);
	tree_write(&fixture->tree, VMLINUX, btf.data, btf.length);
	assert_true(kbtf_has_name(fixture->kbtf, "BPF_ONE"));
	assert_true(kbtf_has_name(fixture->kbtf, "LONGER_BPF_THREE"));
	assert_false(kbtf_has_name(fixture->kbtf, "BPF_THREE"));
	assert_false(kbtf_has_name(fixture->kbtf, "BPF_ON"));
	assert_false(kbtf_has_name(fixture->kbtf, "BPF_ONE2"));
	assert_int_equal(kbtf_has_names(fixture->kbtf, wanted, ARRAY_SIZE(wanted)), 2 | 8 | 16);
}

static void names_by_their_beginning(void **state)
{
	struct fixture *fixture = *state;
	static const char *const enumerators[] = {"BPF_ONE", "BPF_", "NO_BPF_TWO", "BPF_THREE"};
	_cleanup_str_ struct str btf = STR_INIT;
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	host_names names = {};

	make_btf(enumerators, ARRAY_SIZE(enumerators), &btf);
	tree_write(&fixture->tree, VMLINUX, btf.data, btf.length);
	kbtf_names_after(fixture->kbtf, "", "BPF_", &arena, &names);
	assert_int_equal(names.count, 2);
	assert_string_equal(names.items[0], "ONE");
	assert_string_equal(names.items[1], "THREE");
	vec_deinit(&names);
}

/* Names at every place relative to the window in which the file is read. */
static void names_across_windows(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_str_ struct str btf = STR_INIT;
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	const char *names[9000];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		names[i] = arena_printf(&arena, "name_%zu_%.*s", i, (int)(i % 37),
			"abcdefghijklmnopqrstuvwxyz0123456789");
	make_btf(names, ARRAY_SIZE(names), &btf);
	assert_true(btf.length > 3 * 65536);
	tree_write(&fixture->tree, VMLINUX, btf.data, btf.length);
	for (size_t i = 0; i < ARRAY_SIZE(names); i += 50) {
		size_t count = MIN(ARRAY_SIZE(names) - i, (size_t)50);

		assert_true(kbtf_has_names(fixture->kbtf, names + i, count) ==
			    (UINT64_C(1) << count) - 1);
	}
	assert_false(kbtf_has_name(fixture->kbtf, "name_9000_"));
}

static void an_endless_string_is_passed_over(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_str_ struct str btf = STR_INIT, name = STR_INIT;

	str_append_repeat(&name, 'x', 200000);

	const char *const enumerators[] = {"FIRST", name.data, "LAST"};

	make_btf(enumerators, 3, &btf);
	tree_write(&fixture->tree, VMLINUX, btf.data, btf.length);
	assert_true(kbtf_has_name(fixture->kbtf, "FIRST"));
	assert_true(kbtf_has_name(fixture->kbtf, "LAST"));
}

static void types_are_parsed_once(void **state)
{
	struct fixture *fixture = *state;
	static const char *const enumerators[] = {"ONE"};
	_cleanup_str_ struct str data = STR_INIT;
	const struct btf *btf = NULL, *again = NULL;

	make_btf(enumerators, 1, &data);
	tree_write(&fixture->tree, VMLINUX, data.data, data.length);
	assert_success(kbtf_btf(fixture->kbtf, &btf));
	assert_int_equal(btf__find_by_name_kind(btf, "an_enum", BTF_KIND_ENUM), 1);
	assert_success(kbtf_btf(fixture->kbtf, &again));
	assert_ptr_equal(btf, again);
}

/* A function without arguments that returns a type. */
static void add_function(struct btf *btf, const char *name, int returned)
{
	int prototype = btf__add_func_proto(btf, returned);

	assert_true(prototype > 0);
	assert_true(btf__add_func(btf, name, BTF_FUNC_STATIC, prototype) > 0);
}

static void write_types(struct fixture *fixture, const char *path, const struct btf *btf)
{
	uint32_t size;
	const void *data = btf__raw_data(btf, &size);

	assert_non_null(data);
	tree_write(&fixture->tree, path, data, size);
}

/* The kernel: ids 1 to 5. The module: 6 to 9. */
static void write_kernel_and_module(struct fixture *fixture)
{
	struct btf *kernel = btf__new_empty(), *module;

	assert_int_equal(btf__add_int(kernel, "int", 4, BTF_INT_SIGNED), 1);
	add_function(kernel, "shared", 1);
	add_function(kernel, "only_kernel", 1);
	module = btf__new_empty_split(kernel);
	add_function(module, "shared", 0);
	add_function(module, "only_module", 0);
	write_types(fixture, VMLINUX, kernel);
	write_types(fixture, "/sys/kernel/btf/amodule", module);
	btf__free(module);
	btf__free(kernel);
}

static void functions_are_those_of_their_module(void **state)
{
	struct fixture *fixture = *state;
	struct kbtf_function functions[] = {
		{"amodule", "shared", 0},
		{"", "shared", 0},
		{"amodule", "only_module", 0},
		{"", "only_kernel", 0},
		{"amodule", "only_kernel", 1},
		{"", "only_module", 1},
		{"amodule", "shared", 0},
		{"none", "shared", 1},
	};
	const uint32_t ids[] = {7, 3, 9, 5, 0, 0, 7, 0};

	write_kernel_and_module(fixture);
	assert_success(kbtf_functions(fixture->kbtf, functions, ARRAY_SIZE(functions)));
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		assert_int_equal(functions[i].id, ids[i]);
}

static void modules_are_known(void **state)
{
	struct fixture *fixture = *state;
	const host_names *modules;
	const struct btf *btf = NULL;

	write_kernel_and_module(fixture);
	modules = kbtf_modules(fixture->kbtf);
	assert_int_equal(modules->count, 1);
	assert_string_equal(modules->items[0], "amodule");
	assert_true(kbtf_module_has_name(fixture->kbtf, "amodule", "only_module"));
	assert_false(kbtf_module_has_name(fixture->kbtf, "amodule", "only_kernel"));
	assert_false(kbtf_module_has_name(fixture->kbtf, "none", "only_module"));
	assert_success(kbtf_module(fixture->kbtf, "amodule", &btf));
	assert_int_equal(btf__type_cnt(btf), 10);
}

/* Those of the running kernel would not fit to other types. */
static void a_file_has_no_modules(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_free_ char *path = xasprintf("%s" VMLINUX, fixture->tree.path);
	struct kbtf_function function = {"amodule", "shared", 0};
	const struct btf *btf = NULL;

	write_kernel_and_module(fixture);
	kbtf_free(fixture->kbtf);
	fixture->kbtf = kbtf_new(&fixture->host, path);
	assert_int_equal(kbtf_modules(fixture->kbtf)->count, 0);
	assert_false(kbtf_module_has_name(fixture->kbtf, "amodule", "only_module"));

	_cleanup_error_ struct error *error = kbtf_module(fixture->kbtf, "amodule", &btf);

	assert_non_null(strstr(error->message, "they do not belong to"));
	assert_success(kbtf_functions(fixture->kbtf, &function, 1));
	assert_int_equal(function.id, 0);
}

static void identity_is_that_of_the_bytes(void **state)
{
	struct fixture *fixture = *state;
	static const char *const enumerators[] = {"ONE", "TWO"};
	_cleanup_str_ struct str one = STR_INIT, two = STR_INIT;
	uint64_t first = 0, same = 0, other = 0;
	struct kbtf *kbtf;

	make_btf(enumerators, 1, &one);
	make_btf(enumerators, 2, &two);
	tree_write(&fixture->tree, VMLINUX, one.data, one.length);
	tree_write(&fixture->tree, "/copy", one.data, one.length);
	tree_write(&fixture->tree, "/other", two.data, two.length);
	assert_success(kbtf_identity(fixture->kbtf, &first));
	assert_true(first != 0);

	_cleanup_free_ char *copy = xasprintf("%s/copy", fixture->tree.path);
	_cleanup_free_ char *different = xasprintf("%s/other", fixture->tree.path);

	kbtf = kbtf_new(&fixture->host, copy);
	assert_success(kbtf_identity(kbtf, &same));
	assert_true(first == same);
	kbtf_free(kbtf);
	kbtf = kbtf_new(&fixture->host, different);
	assert_success(kbtf_identity(kbtf, &other));
	assert_true(first != other);
	kbtf_free(kbtf);
}

static void without_btf(void **state)
{
	struct fixture *fixture = *state;
	const struct btf *btf;
	uint64_t identity;

	assert_false(kbtf_has_name(fixture->kbtf, "x"));
	assert_failure(kbtf_btf(fixture->kbtf, &btf),
		"no types of the kernel: " VMLINUX ": No such file or directory");
	assert_failure(kbtf_identity(fixture->kbtf, &identity),
		"no types of the kernel: " VMLINUX ": No such file or directory");

	struct kbtf *none = kbtf_new(&fixture->host, "/none/btf");

	assert_failure(kbtf_btf(none, &btf),
		"no types of the kernel: /none/btf: No such file or directory");
	kbtf_free(none);
	kbtf_free(NULL);
}

static void hostile_headers_are_refused(void **state)
{
	struct fixture *fixture = *state;
	static const char *const enumerators[] = {"ONE"};
	_cleanup_str_ struct str good = STR_INIT;
	const struct btf *btf;
	uint64_t identity;

	make_btf(enumerators, 1, &good);
	for (int i = 0; i < 7; i++) {
		_cleanup_str_ struct str bad = STR_INIT;
		struct btf_header header;
		const char *message = "cut off";
		size_t length = good.length;

		memcpy(&header, good.data, sizeof(header));
		switch (i) {
		case 0:
			header.magic = 0x9feb;
			message = "not BTF";
			break;
		case 1:
			header.version = 9;
			message = "not BTF";
			break;
		case 2:
			header.hdr_len = 3;
			message = "not BTF";
			break;
		case 3: header.hdr_len = UINT32_MAX; break;
		case 4: header.str_len = UINT32_MAX; break;
		case 5: header.str_off = UINT32_MAX; break;
		case 6:
			length = 10;
			message = "too short";
			break;
		}
		str_append_bytes(&bad, &header, sizeof(header));
		str_append_bytes(&bad, good.data + sizeof(header), good.length - sizeof(header));
		tree_write(&fixture->tree, VMLINUX, bad.data, length);
		assert_false(kbtf_has_name(fixture->kbtf, "ONE"));

		_cleanup_error_ struct error *types = kbtf_btf(fixture->kbtf, &btf);
		_cleanup_error_ struct error *hash = kbtf_identity(fixture->kbtf, &identity);

		assert_non_null(strstr(types->message, message));
		assert_non_null(strstr(hash->message, message));
	}
}

static void features_are_names_in_btf(void **state)
{
	struct fixture *fixture = *state;
	static const char *const enumerators[] = {
		"BPF_FUNC_loop", "BPF_FUNC_get_attach_cookie", "BPF_TRACE_UPROBE_MULTI"};
	_cleanup_str_ struct str btf = STR_INIT;
	uint64_t expected = FEATURE_BIT(FEATURE_LOOP) | FEATURE_BIT(FEATURE_ATTACH_COOKIE) |
			    FEATURE_BIT(FEATURE_UPROBE_MULTI);

	assert_int_equal(feature_probe(fixture->kbtf, 0), 0);
	make_btf(enumerators, 3, &btf);
	tree_write(&fixture->tree, VMLINUX, btf.data, btf.length);
	assert_int_equal(feature_probe(fixture->kbtf, 0), expected);
	assert_int_equal(feature_probe(fixture->kbtf, FEATURE_BIT(FEATURE_LOOP) | 1u << 31),
		expected & ~FEATURE_BIT(FEATURE_LOOP));
}

/* The cheap answer must be that of the parsed BTF. */
static void the_running_kernel(void **state _unused_)
{
	static const char *const names[] = {"task_struct", "bpf_func_id", "no_such_thing_at_all"};
	_cleanup_host_ struct host host = HOST_INIT;
	const struct btf *btf = NULL;

	assert_success(host_open_root("/", &host));
	if (!host_exists(&host, VMLINUX))
		skip();

	struct kbtf *kbtf = kbtf_new(&host, NULL);

	assert_int_equal(kbtf_has_names(kbtf, names, 3), 3);
	assert_success(kbtf_btf(kbtf, &btf));
	assert_true(btf__find_by_name_kind(btf, "task_struct", BTF_KIND_STRUCT) > 0);
	kbtf_free(kbtf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_are_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(names_by_their_beginning, setup, teardown),
		cmocka_unit_test_setup_teardown(names_across_windows, setup, teardown),
		cmocka_unit_test_setup_teardown(an_endless_string_is_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(types_are_parsed_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			functions_are_those_of_their_module, setup, teardown),
		cmocka_unit_test_setup_teardown(modules_are_known, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_has_no_modules, setup, teardown),
		cmocka_unit_test_setup_teardown(identity_is_that_of_the_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(without_btf, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile_headers_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(features_are_names_in_btf, setup, teardown),
		cmocka_unit_test(the_running_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
