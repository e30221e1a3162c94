/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "libcommon/host/modules.h"
#include "tests/unit/module_index.h"
#include "tests/unit/tree_host.h"

static int setup(void **state)
{
	int result = tree_host_setup(state);
	const struct tree *tree = &((struct tree_host *)*state)->tree;

	tree_write_text(tree, "/proc/sys/kernel/osrelease", INDEX_RELEASE "\n");
	return result;
}

static const char *found(struct tree_host *fixture, const char *name)
{
	const char *module = modules_find(&fixture->host, name, &fixture->arena);

	return module ? module : "none";
}

static const char *exporter(struct tree_host *fixture, const char *symbol)
{
	const char *module = modules_find_symbol(&fixture->host, symbol, &fixture->arena);

	return module ? module : "none";
}

static void names_and_aliases_of_modules(void **state)
{
	struct tree_host *fixture = *state;

	INDEX_WRITE(&fixture->tree, "modules.dep.bin", {"ext4", "kernel/fs/ext4/ext4.ko:"},
		{"nf_tables", "kernel/net/nf_tables.ko:"});
	INDEX_WRITE(&fixture->tree, "modules.alias.bin", {"fs_ext4", "ext4"});
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
	struct tree_host *fixture = *state;

	INDEX_WRITE(&fixture->tree, "modules.dep.bin", {"xfs", "kernel/fs/xfs/xfs.ko:"});
	INDEX_WRITE(&fixture->tree, "modules.symbols.bin", {"symbol:xfs_iget", "xfs"});
	assert_string_equal(exporter(fixture, "xfs_iget"), "xfs");
	assert_string_equal(exporter(fixture, "xfs_iput"), "none");
	assert_string_equal(exporter(fixture, "xfs"), "none");
	assert_string_equal(found(fixture, "xfs_iget"), "none");
}

static void what_is_built_in_cannot_be_loaded(void **state)
{
	struct tree_host *fixture = *state;

	INDEX_WRITE(&fixture->tree, "modules.dep.bin", {"xfs", "kernel/fs/xfs/xfs.ko:"});
	INDEX_WRITE(&fixture->tree, "modules.builtin.bin", {"ext4", ""});
	assert_string_equal(found(fixture, "xfs"), "xfs");
	assert_string_equal(found(fixture, "ext4"), "none");
}

static void machines_without_modules(void **state)
{
	struct tree_host *fixture = *state;
	_cleanup_tree_ struct tree bare = tree_make();
	_cleanup_host_ struct host host = HOST_INIT;

	assert_string_equal(found(fixture, "ext4"), "none");
	assert_string_equal(exporter(fixture, "ext4_iget"), "none");
	assert_success(host_open_root(bare.path, &host));
	assert_null(modules_find(&host, "ext4", &fixture->arena));
}

static void an_index_of_another_kind(void **state)
{
	struct tree_host *fixture = *state;
	_cleanup_str_ struct str index = STR_INIT;
	static const struct index_entry entries[] = {{"ext4", "kernel/fs/ext4/ext4.ko:"}};

	index_make(entries, ARRAY_SIZE(entries), &index);
	tree_write(&fixture->tree, INDEX_FOLDER "/modules.dep.bin", index.data, index.length);
	assert_string_equal(found(fixture, "ext4"), "ext4");
	index.data[0] = 'x';
	tree_write(&fixture->tree, INDEX_FOLDER "/modules.dep.bin", index.data, index.length);
	assert_string_equal(found(fixture, "ext4"), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			names_and_aliases_of_modules, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			modules_by_what_they_export, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			what_is_built_in_cannot_be_loaded, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			machines_without_modules, setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			an_index_of_another_kind, setup, tree_host_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
