/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of types that are broken in every way that one bit, one number, or one cut can: each is
 * listed whole, or refused. A wrong access is seen by the sanitizers of the build.
 */
#include "tests/unit/unit.h"

#include <bpf/libbpf.h>
#include <string.h>

#include "bpftrace-list/definition.h"
#include "bpftrace-list/listing.h"
#include "libcommon/base/alloc.h"
#include "libcommon/host/kbtf.h"
#include "tests/unit/tree.h"

#define FOLDER "/sys/kernel/btf"

static size_t shown;

static void count_probe(const char *name, const char *declarations)
{
	shown += strlen(name) + (declarations ? strlen(declarations) : 0);
}

static void count_type(const struct definition *definition)
{
	shown += strlen(definition->text ? definition->text : definition->name);
}

static const struct output_ops to_nowhere = {.probe = count_probe, .type = count_type};

static struct {
	struct tree tree;
	struct host host;
	struct str kernel;
	struct str module;
} fixture;

static void cleanup_btf(struct btf **btf)
{
	btf__free(*btf);
}

#define _cleanup_btf_ _cleanup_(cleanup_btf)

/* A type of each kind; "iter:thing" is an iterator of it, "work" one of its functions. */
static struct btf *kernel_types(void)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int pointer = btf__add_ptr(btf, 3);

	btf__add_struct(btf, "thing", 24);
	btf__add_field(btf, "next", pointer, 0, 0);
	btf__add_field(btf, "low", number, 64, 3);
	btf__add_field(btf, "high", number, 67, 29);
	btf__add_field(btf, NULL, 4, 128, 0);
	btf__add_union(btf, NULL, 8);
	btf__add_field(btf, "whole", 6, 0, 0);
	btf__add_field(btf, "back", pointer, 0, 0);
	btf__add_enum(btf, "color", 4);
	btf__add_enum_value(btf, "RED", -1);
	btf__add_array(btf, number, number, 2);
	btf__add_enum64(btf, "wide", 8, false);
	btf__add_enum64_value(btf, "FAR", UINT64_MAX);
	btf__add_typedef(btf, "thing_t", 3);
	btf__add_const(btf, 8);
	btf__add_ptr(btf, 9);
	btf__add_struct(btf, "bpf_iter__thing", 16);
	btf__add_field(btf, "meta", pointer, 0, 0);
	btf__add_field(btf, "thing", 10, 64, 0);
	btf__add_func_proto(btf, number);
	btf__add_func_param(btf, "thing", 10);
	btf__add_func_param(btf, "seq", number);
	btf__add_func(btf, "work", BTF_FUNC_GLOBAL, 12);
	btf__add_func(btf, "bpf_iter_thing", BTF_FUNC_GLOBAL, 12);
	btf__add_fwd(btf, "later", BTF_FWD_STRUCT);
	btf__add_float(btf, "double", 8);
	btf__add_type_tag(btf, "user", 16);
	btf__add_volatile(btf, 17);
	btf__add_restrict(btf, 10);
	btf__add_var(btf, "global", BTF_VAR_STATIC, number);
	btf__add_datasec(btf, ".data", 4);
	btf__add_datasec_var_info(btf, 20, 0, 4);
	btf__add_decl_tag(btf, "tag", 3, 1);
	return btf;
}

static void take_bytes(const struct btf *btf, struct str *out)
{
	uint32_t size = 0;
	const void *data = btf__raw_data(btf, &size);

	assert_non_null(data);
	str_append_bytes(out, data, size);
}

static int open_fixture(void **state _unused_)
{
	_cleanup_btf_ struct btf *kernel = kernel_types();
	_cleanup_btf_ struct btf *module = btf__new_empty_split(kernel);
	int first = (int)btf__type_cnt(kernel);

	btf__add_struct(module, "widget", 8);
	btf__add_field(module, "thing", 10, 0, 0);
	btf__add_typedef(module, "widget_t", first);
	btf__add_func_proto(module, first + 1);
	btf__add_func_param(module, "widget", first + 1);
	btf__add_func(module, "build", BTF_FUNC_STATIC, first + 2);
	take_bytes(kernel, &fixture.kernel);
	take_bytes(module, &fixture.module);

	libbpf_set_print(NULL);
	fixture.tree = tree_make();
	tree_write_text(&fixture.tree, "/sys/kernel/tracing/available_events", "");
	tree_write_text(&fixture.tree, "/sys/kernel/tracing/available_filter_functions",
		"work\nbuild [widgets]\n");
	tree_write_text(&fixture.tree, "/proc/kallsyms",
		"0000000000000000 T work\n0000000000000000 t build\t[widgets]\n");
	return 0;
}

static int close_fixture(void **state _unused_)
{
	tree_remove(&fixture.tree);
	str_deinit(&fixture.kernel);
	str_deinit(&fixture.module);
	return 0;
}

/* Lists all types and all probes that types describe; types_file: NULL or what --btf names. Returns
 * how many characters were shown. */
static size_t list_all(const char *types_file)
{
	static const char *const patterns[] = {
		"struct *", "union *", "enum *", "typedef *", "iter:*", "kfunc:*", "kretfunc:*"};
	_cleanup_host_ struct host host = HOST_INIT;

	assert_success(host_open_root(fixture.tree.path, &host));

	struct kbtf *kbtf = kbtf_new(&host, NULL);
	struct functions *functions = functions_new(&host);
	struct probe_world world = {.host = &host, .kbtf = kbtf, .functions = functions};
	struct listing listing = listing_make(&world, &to_nowhere);

	shown = 0;
	listing.detail = DETAIL_LAYOUT;
	listing.types_file = types_file;
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		struct suggestion suggestion = {};

		error_free(listing_show(&listing, patterns[i], &suggestion));
	}
	listing_deinit(&listing);
	functions_free(functions);
	kbtf_free(kbtf);
	return shown;
}

static size_t list_as_kernel(const void *data, size_t size)
{
	tree_write(&fixture.tree, FOLDER "/vmlinux", data, size);
	return list_all(NULL);
}

static size_t list_as_module(const void *data, size_t size)
{
	tree_write(&fixture.tree, FOLDER "/widgets", data, size);
	return list_all(NULL);
}

static size_t list_as_file(const void *data, size_t size)
{
	_cleanup_free_ char *path = xasprintf("%s/types", fixture.tree.path);

	tree_write(&fixture.tree, "/types", data, size);
	return list_all(path);
}

/* What the damage did: both must occur, else it was none. */
struct outcome {
	size_t less; /* than of the sound file was shown */
	size_t same; /* or more: a name is longer */
};

/* Turns every step-th bit over, and cuts at every step-th byte; an odd step meets all bits of a
 * byte. */
static void list_damaged(size_t (*list)(const void *, size_t), const struct str *sound, size_t step)
{
	size_t all = list(sound->data, sound->length);
	_cleanup_free_ char *bytes = xmalloc(sound->length);
	struct outcome outcome = {};

	for (size_t bit = 0; bit < sound->length * 8; bit += step) {
		memcpy(bytes, sound->data, sound->length);
		bytes[bit / 8] ^= (char)(1 << bit % 8);
		*(list(bytes, sound->length) < all ? &outcome.less : &outcome.same) += 1;
	}
	for (size_t size = 0; size < sound->length; size += step)
		*(list(sound->data, size) < all ? &outcome.less : &outcome.same) += 1;
	assert_true(outcome.less > sound->length / step);
	assert_true(outcome.same > 0);
}

/* Numbers that are at the end of some range. */
static void list_with_numbers(size_t (*list)(const void *, size_t), const struct str *sound)
{
	static const uint32_t numbers[] = {0, 0xffff, 0x7ffffffc, UINT32_MAX};
	_cleanup_free_ char *bytes = xmalloc(sound->length);

	for (size_t at = 0; at + sizeof(*numbers) <= sound->length; at += 2 * sizeof(*numbers)) {
		for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
			memcpy(bytes, sound->data, sound->length);
			memcpy(bytes + at, &numbers[i], sizeof(*numbers));
			list(bytes, sound->length);
		}
	}
}

/* CLI-14: nothing below tests a thing unless all that the file has is shown. */
static void sound_types_are_listed(void **state _unused_)
{
	size_t kernel = list_as_kernel(fixture.kernel.data, fixture.kernel.length);

	assert_true(kernel > 500);
	assert_true(list_as_module(fixture.module.data, fixture.module.length) > kernel + 100);
	assert_true(list_as_file(fixture.kernel.data, fixture.kernel.length) > 300);
	assert_true(list_as_file(fixture.module.data, fixture.module.length) > 100);
}

static void damaged_types_of_the_kernel(void **state _unused_)
{
	list_damaged(list_as_kernel, &fixture.kernel, 11);
	list_with_numbers(list_as_kernel, &fixture.kernel);
	list_as_kernel(fixture.kernel.data, fixture.kernel.length);
}

static void damaged_types_of_a_module(void **state _unused_)
{
	list_damaged(list_as_module, &fixture.module, 5);
	list_with_numbers(list_as_module, &fixture.module);
	list_as_module(fixture.module.data, fixture.module.length);
}

static void damaged_files_of_types(void **state _unused_)
{
	list_damaged(list_as_file, &fixture.kernel, 31);
	list_damaged(list_as_file, &fixture.module, 31);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_types_are_listed),
		cmocka_unit_test(damaged_types_of_the_kernel),
		cmocka_unit_test(damaged_types_of_a_module),
		cmocka_unit_test(damaged_files_of_types),
	};

	return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
