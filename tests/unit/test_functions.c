/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>

#include "libcommon/host/functions.h"
#include "tests/unit/tree.h"

#define TRACEABLE "/sys/kernel/tracing/available_filter_functions"
#define KALLSYMS  "/proc/kallsyms"
#define BLACKLIST "/sys/kernel/debug/kprobes/blacklist"

struct fixture {
	struct tree tree;
	struct host host;
	struct functions *functions;
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){.tree = tree_make()};
	assert_success(host_open_root(fixture.tree.path, &fixture.host));
	fixture.functions = functions_new(&fixture.host);
	tree_directory(&fixture.tree, "/sys/kernel/tracing/events");
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	functions_free(fixture->functions);
	host_deinit(&fixture->host);
	tree_remove(&fixture->tree);
	return 0;
}

static void assert_function(
	const kernel_functions *functions, size_t index, const char *module, const char *name)
{
	assert_true(index < functions->count);
	assert_string_equal(functions->items[index].name, name);
	assert_string_equal(functions->items[index].module, module);
}

static const char *module_of(struct functions *functions, const char *module, const char *name)
{
	const struct kernel_function *found = functions_find(functions, module, name);

	return found ? found->module : "none";
}

static void the_list_keeps_its_order_and_twins(void **state)
{
	struct fixture *fixture = *state;
	const kernel_functions *all = NULL;

	tree_write_text(&fixture->tree, TRACEABLE,
		"do_exit\nget_state [ext4]\nget_state [xfs]\nget_state\nlast [xfs]");
	assert_success(functions_listed(fixture->functions, &all));
	assert_int_equal(all->count, 5);
	assert_function(all, 0, "", "do_exit");
	assert_function(all, 1, "ext4", "get_state");
	assert_function(all, 2, "xfs", "get_state");
	assert_function(all, 3, "", "get_state");
	assert_function(all, 4, "xfs", "last");
	assert_int_equal(all->items[0].address, 0);
	assert_string_equal(module_of(fixture->functions, NULL, "get_state"), "ext4");
	assert_string_equal(module_of(fixture->functions, "xfs", "get_state"), "xfs");
	assert_string_equal(module_of(fixture->functions, "", "get_state"), "");
	assert_string_equal(module_of(fixture->functions, "xfs", "do_exit"), "none");
	assert_string_equal(module_of(fixture->functions, NULL, "get"), "none");
	assert_false(functions_is_ambiguous(fixture->functions, "xfs", "get_state"));
}

static void functions_of_one_module_and_name_are_ambiguous(void **state)
{
	struct fixture *fixture = *state;

	tree_write_text(&fixture->tree, TRACEABLE, "s_next\nalone\ns_next\ns_next [xfs]\n");
	assert_true(functions_is_ambiguous(fixture->functions, "", "s_next"));
	assert_false(functions_is_ambiguous(fixture->functions, "xfs", "s_next"));
	assert_false(functions_is_ambiguous(fixture->functions, "", "alone"));
	assert_false(functions_is_ambiguous(fixture->functions, "", "none"));
}

static void broken_lines_are_no_functions(void **state)
{
	struct fixture *fixture = *state;
	const kernel_functions *all = NULL;

	tree_write_text(&fixture->tree, TRACEABLE,
		"\n\n \t\n leading [xfs]\none [\ntwo []\nthree [xfs\nfour xfs]\nfive\t[xfs] "
		"more\n");
	assert_success(functions_listed(fixture->functions, &all));
	assert_int_equal(all->count, 6);
	assert_function(all, 0, "xfs", "leading");
	assert_function(all, 1, "", "one");
	assert_function(all, 2, "", "two");
	assert_function(all, 3, "", "three");
	assert_function(all, 4, "", "four");
	assert_function(all, 5, "xfs", "five");
}

static void symbols_of_code_stand_in(void **state)
{
	struct fixture *fixture = *state;
	const kernel_functions *all = NULL;

	tree_write_text(&fixture->tree, KALLSYMS,
		"ffffffff81000000 T _text\nffffffff82000000 D a_table\n0 t quiet\n"
		"ffffffffc0000000 t in_module\t[ext4]\n1 W weak\n2 r constant\n");
	assert_success(functions_traceable(fixture->functions, &all));
	assert_int_equal(all->count, 4);
	assert_function(all, 0, "", "_text");
	assert_function(all, 1, "", "quiet");
	assert_function(all, 2, "ext4", "in_module");
	assert_function(all, 3, "", "weak");
	assert_true(all->items[0].address == UINT64_C(0xffffffff81000000));
	assert_failure(functions_listed(fixture->functions, &all),
		TRACEABLE ": No such file or directory");
}

static void assert_addresses(
	struct fixture *fixture, const char *module, const char *name, const char *expected)
{
	_cleanup_str_ struct str text = STR_INIT;
	function_addresses addresses = {};

	functions_addresses(fixture->functions, module, name, &addresses);
	for (size_t i = 0; i < addresses.count; i++)
		str_printf(&text, "%s%llx", i ? " " : "", (unsigned long long)addresses.items[i]);
	assert_string_equal(str_text(&text), expected);
	vec_deinit(&addresses);
}

static void without_any_list(void **state)
{
	struct fixture *fixture = *state;
	const kernel_functions *all = NULL;
	const char *variant = NULL;

	assert_failure(functions_traceable(fixture->functions, &all),
		"cannot list the kernel's functions: " TRACEABLE ": No such file or directory");
	assert_null(all);
	assert_null(functions_find(fixture->functions, NULL, "do_exit"));
	assert_false(functions_is_blacklisted(fixture->functions, "do_exit"));
	assert_int_equal(
		functions_explain(fixture->functions, "do_exit", &variant), FUNCTION_ABSENT);
	assert_addresses(fixture, "", "do_exit", "");
	assert_false(functions_has_module(fixture->functions, "ext4"));
}

static void symbols_that_are_cut_off(void **state)
{
	struct fixture *fixture = *state;
	const kernel_functions *all = NULL;

	tree_write_text(&fixture->tree, KALLSYMS,
		"\nffffffff81000000\nffffffff81000000 \nffffffff81000000 T\n"
		"ffffffff81000000 T \nwhat T no_address\n 10 T leading\n20 T whole");
	assert_success(functions_traceable(fixture->functions, &all));
	assert_int_equal(all->count, 3);
	assert_function(all, 0, "", "no_address");
	assert_int_equal(all->items[0].address, 0);
	assert_function(all, 1, "", "leading");
	assert_int_equal(all->items[1].address, 0x10);
	assert_function(all, 2, "", "whole");
	assert_int_equal(all->items[2].address, 0x20);
}

static void each_list_is_read_once(void **state)
{
	struct fixture *fixture = *state;
	const kernel_functions *first = NULL, *second = NULL;

	tree_write_text(&fixture->tree, TRACEABLE, "one\n");
	assert_success(functions_traceable(fixture->functions, &first));
	tree_write_text(&fixture->tree, TRACEABLE, "one\ntwo\n");
	assert_success(functions_listed(fixture->functions, &second));
	assert_ptr_equal(first, second);
	assert_int_equal(second->count, 1);
}

static void the_blacklist_names_ranges(void **state)
{
	struct fixture *fixture = *state;

	tree_write_text(&fixture->tree, BLACKLIST,
		"0xffffffff81000000-0xffffffff81000010\tkprobe_handler\n"
		"0xffffffffc0000000-0xffffffffc0000010\tof_module [ext4]\n"
		"0xffffffff81000020-0xffffffff81000030\nkprobe_post\n");
	assert_true(functions_is_blacklisted(fixture->functions, "kprobe_handler"));
	assert_true(functions_is_blacklisted(fixture->functions, "of_module"));
	assert_false(functions_is_blacklisted(fixture->functions, "kprobe_post"));
	assert_false(functions_is_blacklisted(fixture->functions, "kprobe"));
	assert_false(functions_is_blacklisted(fixture->functions, ""));
}

static void what_is_known_of_other_names(void **state)
{
	struct fixture *fixture = *state;
	const char *variant = NULL;

	tree_write_text(&fixture->tree, KALLSYMS,
		"1 T code\n2 D data\n3 t split.cold\n4 t split.isra.0.cold\n5 d table.0\n"
		"6 t parts.isra.0\n7 t parts.constprop.1\n8 t both.isra.0\n9 T both\n"
		"a t longer_name\n");
	assert_int_equal(
		functions_explain(fixture->functions, "code", &variant), FUNCTION_UNTRACED);
	assert_int_equal(functions_explain(fixture->functions, "data", &variant), FUNCTION_DATA);
	assert_int_equal(functions_explain(fixture->functions, "split", &variant), FUNCTION_ABSENT);
	assert_int_equal(functions_explain(fixture->functions, "table", &variant), FUNCTION_ABSENT);
	assert_int_equal(
		functions_explain(fixture->functions, "longer", &variant), FUNCTION_ABSENT);
	assert_null(variant);
	assert_int_equal(
		functions_explain(fixture->functions, "parts", &variant), FUNCTION_PARTIAL);
	assert_string_equal(variant, "parts.isra.0");
	assert_int_equal(
		functions_explain(fixture->functions, "both", &variant), FUNCTION_UNTRACED);
}

static void addresses_are_those_of_the_module(void **state)
{
	struct fixture *fixture = *state;

	tree_write_text(&fixture->tree, KALLSYMS,
		"10 t twin\t[ext4]\n20 t twin\n28 d twin\n30 t twin\t[xfs]\n0 T hidden\n"
		"50 T alone\n40 T twin\n");
	assert_addresses(fixture, "ext4", "twin", "10");
	assert_addresses(fixture, "", "twin", "20 40");
	assert_addresses(fixture, "xfs", "twin", "30");
	assert_addresses(fixture, "", "alone", "50");
	assert_addresses(fixture, "btrfs", "twin", "");
	assert_addresses(fixture, "", "hidden", "");
	assert_addresses(fixture, "", "none", "");
}

static void a_function_ends_at_the_next_symbol(void **state)
{
	struct fixture *fixture = *state;

	tree_write_text(&fixture->tree, KALLSYMS, "30 T last\n10 t first\n10 T alias\n1c t next\n");
	assert_int_equal(functions_size(fixture->functions, 0x10), 12);
	assert_int_equal(functions_size(fixture->functions, 0x1c), 20);
	assert_int_equal(functions_size(fixture->functions, 0x30), 0);
}

static void modules_are_whole_words(void **state)
{
	struct fixture *fixture = *state;

	tree_write_text(&fixture->tree, "/proc/modules",
		"ext4 98304 1 - Live 0x0\nnf_tables 1 0 - Live 0x0\ncut");
	assert_true(functions_has_module(fixture->functions, "ext4"));
	assert_true(functions_has_module(fixture->functions, "nf_tables"));
	assert_false(functions_has_module(fixture->functions, "ext"));
	assert_false(functions_has_module(fixture->functions, "tables"));
	assert_false(functions_has_module(fixture->functions, "cut"));
	assert_false(functions_has_module(fixture->functions, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_list_keeps_its_order_and_twins, setup, teardown),
		cmocka_unit_test_setup_teardown(
			functions_of_one_module_and_name_are_ambiguous, setup, teardown),
		cmocka_unit_test_setup_teardown(broken_lines_are_no_functions, setup, teardown),
		cmocka_unit_test_setup_teardown(symbols_of_code_stand_in, setup, teardown),
		cmocka_unit_test_setup_teardown(without_any_list, setup, teardown),
		cmocka_unit_test_setup_teardown(symbols_that_are_cut_off, setup, teardown),
		cmocka_unit_test_setup_teardown(each_list_is_read_once, setup, teardown),
		cmocka_unit_test_setup_teardown(the_blacklist_names_ranges, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_known_of_other_names, setup, teardown),
		cmocka_unit_test_setup_teardown(addresses_are_those_of_the_module, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_function_ends_at_the_next_symbol, setup, teardown),
		cmocka_unit_test_setup_teardown(modules_are_whole_words, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
