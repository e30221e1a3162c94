/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test writes the indices of depmod(8) itself, in the simplest form of them: a root without a
 * text of its own, and below it one leaf for each key, whose first letters must differ. All numbers
 * are big-endian; the upper bits of an offset say what the node has.
 */
#include "tests/unit/unit.h"

#include <endian.h>

#include "libcommon/host/modules.h"
#include "tests/unit/tree.h"

#define RELEASE "6.1.0-test"
#define MODULES "/lib/modules/" RELEASE

enum {
	INDEX_MAGIC = 0xb007f457,
	INDEX_VERSION = 0x00020001,
	HAS_CHILDREN = 0x20000000,
	HAS_VALUES = 0x40000000,
	HAS_PREFIX = 0x80000000,
	LETTERS = 128,
};

struct entry {
	const char *key;
	const char *value;
};

struct fixture {
	struct tree tree;
	struct host host;
	struct arena arena;
};

static void put(struct str *out, uint32_t number)
{
	number = htobe32(number);
	str_append_bytes(out, &number, sizeof(number));
}

static void make_index(const struct entry *entries, size_t count, struct str *out)
{
	uint32_t leaves[LETTERS] = {}, root;

	put(out, INDEX_MAGIC);
	put(out, INDEX_VERSION);
	put(out, 0);
	for (size_t i = 0; i < count; i++) {
		leaves[(size_t)entries[i].key[0]] = (uint32_t)out->length | HAS_PREFIX | HAS_VALUES;
		str_append_bytes(out, entries[i].key + 1, strlen(entries[i].key + 1) + 1);
		put(out, 1);
		put(out, 0);
		str_append_bytes(out, entries[i].value, strlen(entries[i].value) + 1);
	}
	root = htobe32((uint32_t)out->length | HAS_CHILDREN);
	memcpy(out->data + 2 * sizeof(root), &root, sizeof(root));
	str_append_char(out, 0);
	str_append_char(out, LETTERS - 1);
	for (size_t i = 0; i < LETTERS; i++)
		put(out, leaves[i]);
}

static void write_index(
	const struct tree *tree, const char *path, const struct entry *entries, size_t count)
{
	_cleanup_str_ struct str index = STR_INIT;

	make_index(entries, count, &index);
	tree_write(tree, path, index.data, index.length);
}

#define WRITE_INDEX(tree, name, ...)                                                               \
	write_index(tree, MODULES "/" name, (const struct entry[]){__VA_ARGS__},                   \
		ARRAY_SIZE(((const struct entry[]){__VA_ARGS__})))

static int setup(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){.tree = tree_make()};
	assert_success(host_open_root(fixture.tree.path, &fixture.host));
	tree_write_text(&fixture.tree, "/proc/sys/kernel/osrelease", RELEASE "\n");
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	arena_deinit(&fixture->arena);
	host_deinit(&fixture->host);
	tree_remove(&fixture->tree);
	return 0;
}

static const char *found(struct fixture *fixture, const char *name)
{
	const char *module = modules_find(&fixture->host, name, &fixture->arena);

	return module ? module : "none";
}

static const char *exporter(struct fixture *fixture, const char *symbol)
{
	const char *module = modules_find_symbol(&fixture->host, symbol, &fixture->arena);

	return module ? module : "none";
}

static void names_and_aliases_of_modules(void **state)
{
	struct fixture *fixture = *state;

	WRITE_INDEX(&fixture->tree, "modules.dep.bin", {"ext4", "kernel/fs/ext4/ext4.ko:"},
		{"nf_tables", "kernel/net/nf_tables.ko:"});
	WRITE_INDEX(&fixture->tree, "modules.alias.bin", {"fs_ext4", "ext4"});
	assert_string_equal(found(fixture, "ext4"), "ext4");
	assert_string_equal(found(fixture, "nf_tables"), "nf_tables");
	assert_string_equal(found(fixture, "nf-tables"), "nf_tables");
	assert_string_equal(found(fixture, "fs-ext4"), "ext4");
	assert_string_equal(found(fixture, "ext"), "none");
	assert_string_equal(found(fixture, "xfs"), "none");
	assert_string_equal(found(fixture, ""), "none");
}

static void modules_by_what_they_export(void **state)
{
	struct fixture *fixture = *state;

	WRITE_INDEX(&fixture->tree, "modules.dep.bin", {"xfs", "kernel/fs/xfs/xfs.ko:"});
	WRITE_INDEX(&fixture->tree, "modules.symbols.bin", {"symbol:xfs_iget", "xfs"});
	assert_string_equal(exporter(fixture, "xfs_iget"), "xfs");
	assert_string_equal(exporter(fixture, "xfs_iput"), "none");
	assert_string_equal(exporter(fixture, "xfs"), "none");
	assert_string_equal(found(fixture, "xfs_iget"), "none");
}

static void what_is_built_in_cannot_be_loaded(void **state)
{
	struct fixture *fixture = *state;

	WRITE_INDEX(&fixture->tree, "modules.dep.bin", {"xfs", "kernel/fs/xfs/xfs.ko:"});
	WRITE_INDEX(&fixture->tree, "modules.builtin.bin", {"ext4", ""});
	assert_string_equal(found(fixture, "xfs"), "xfs");
	assert_string_equal(found(fixture, "ext4"), "none");
}

static void machines_without_modules(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_tree_ struct tree bare = tree_make();
	_cleanup_host_ struct host host = HOST_INIT;

	assert_string_equal(found(fixture, "ext4"), "none");
	assert_string_equal(exporter(fixture, "ext4_iget"), "none");
	assert_success(host_open_root(bare.path, &host));
	assert_null(modules_find(&host, "ext4", &fixture->arena));
}

static void an_index_of_another_kind(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_str_ struct str index = STR_INIT;
	static const struct entry entries[] = {{"ext4", "kernel/fs/ext4/ext4.ko:"}};

	make_index(entries, ARRAY_SIZE(entries), &index);
	tree_write(&fixture->tree, MODULES "/modules.dep.bin", index.data, index.length);
	assert_string_equal(found(fixture, "ext4"), "ext4");
	index.data[0] = 'x';
	tree_write(&fixture->tree, MODULES "/modules.dep.bin", index.data, index.length);
	assert_string_equal(found(fixture, "ext4"), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_and_aliases_of_modules, setup, teardown),
		cmocka_unit_test_setup_teardown(modules_by_what_they_export, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_built_in_cannot_be_loaded, setup, teardown),
		cmocka_unit_test_setup_teardown(machines_without_modules, setup, teardown),
		cmocka_unit_test_setup_teardown(an_index_of_another_kind, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
