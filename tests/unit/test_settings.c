/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "bpftrace/door/settings.h"

static const struct setting_desc *row(enum setting setting)
{
	return &setting_descs[setting];
}

static void defaults_are_those_of_the_table(void **state _unused_)
{
	struct settings settings = settings_default();

	assert_int_equal(settings.max_map_keys, 4096);
	assert_int_equal(settings.max_strlen, 1024);
	assert_string_equal(settings.stack_mode, "bpftrace");
	assert_string_equal(settings.str_trunc_trailer, "..");
	assert_false(settings.from_environment[SETTING_max_strlen]);
}

static void three_spellings_find_a_setting(void **state _unused_)
{
	struct suggestion suggestion;

	assert_ptr_equal(setting_find("stack_mode", NULL), row(SETTING_stack_mode));
	assert_ptr_equal(setting_find("STACK_MODE", NULL), row(SETTING_stack_mode));
	assert_ptr_equal(setting_find("BPFTRACE_STACK_MODE", NULL), row(SETTING_stack_mode));
	assert_null(setting_find("Stack_Mode", NULL));
	assert_null(setting_find("bpftrace_stack_mode", NULL));
	assert_null(setting_find("max_strln", &suggestion));
	assert_string_equal(suggestion.best, "max_strlen");
	assert_null(setting_find("nope", &suggestion));
	assert_null(suggestion.best);
}

static void values_are_checked(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct settings settings = settings_default();

	assert_success(settings_set(&settings, row(SETTING_max_strlen), "0x80", &arena));
	assert_int_equal(settings.max_strlen, 128);
	assert_success(settings_set(&settings, row(SETTING_stack_mode), "perf", &arena));
	assert_string_equal(settings.stack_mode, "perf");
	assert_success(settings_set(&settings, row(SETTING_perf_rb_pages), "128", &arena));
	assert_success(settings_set(&settings, row(SETTING_str_trunc_trailer), "", &arena));
	assert_string_equal(settings.str_trunc_trailer, "");

	assert_failure(settings_set(&settings, row(SETTING_max_strlen), "0", &arena),
		"max_strlen takes a number from 1 to 65536, not 0");
	assert_failure(settings_set(&settings, row(SETTING_max_strlen), "12x", &arena),
		"max_strlen takes a number from 1 to 65536, not '12x'");
	assert_failure(settings_set(&settings, row(SETTING_max_strlen), "-1", &arena),
		"max_strlen takes a number from 1 to 65536, not '-1'");
	assert_failure(settings_set(&settings, row(SETTING_max_strlen), "", &arena),
		"max_strlen takes a number from 1 to 65536, not ''");
	assert_failure(
		settings_set(&settings, row(SETTING_max_map_keys), "18446744073709551616", &arena),
		"max_map_keys takes a number from 1 to 134217728, not '18446744073709551616'");
	assert_success(settings_set(&settings, row(SETTING_perf_rb_pages), "3", &arena));
	assert_success(settings_set(&settings, row(SETTING_print_maps_on_exit), "false", &arena));
	assert_int_equal(settings.print_maps_on_exit, 0);
	assert_success(settings_set(&settings, row(SETTING_print_maps_on_exit), "true", &arena));
	assert_int_equal(settings.print_maps_on_exit, 1);
	assert_failure(settings_set(&settings, row(SETTING_log_size), "true", &arena),
		"log_size takes a number from 1 to 1073741823, not 'true'");
	assert_failure(settings_set(&settings, row(SETTING_license), "MIT", &arena),
		"license takes one of GPL|GPL v2|GPL and additional rights|Dual BSD/GPL|Dual "
		"MIT/GPL|Dual MPL/GPL, not 'MIT'");
	assert_failure(settings_set(&settings, row(SETTING_stack_mode), "per", &arena),
		"stack_mode takes one of bpftrace|perf|raw, not 'per'");
	assert_failure(settings_set(&settings, row(SETTING_stack_mode), "", &arena),
		"stack_mode takes one of bpftrace|perf|raw, not ''");
	assert_int_equal(settings.max_strlen, 128);
	assert_string_equal(settings.stack_mode, "perf");
}

static void environment_wins_and_is_marked(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct settings settings = settings_default();

	setenv("BPFTRACE_MAX_MAP_KEYS", "7", 1);
	setenv("BPFTRACE_NO_SUCH_THING", "7", 1);
	assert_success(settings_from_environment(&settings, &arena));
	assert_int_equal(settings.max_map_keys, 7);
	assert_true(settings.from_environment[SETTING_max_map_keys]);
	assert_false(settings.from_environment[SETTING_max_strlen]);

	setenv("BPFTRACE_MAX_PROBES", "many", 1);
	assert_failure(settings_from_environment(&settings, &arena),
		"environment variable BPFTRACE_MAX_PROBES: max_probes takes a number from 1 to "
		"1000000, not 'many'");
	unsetenv("BPFTRACE_MAX_PROBES");
	unsetenv("BPFTRACE_MAX_MAP_KEYS");
	unsetenv("BPFTRACE_NO_SUCH_THING");
}

/* By the names that users have in their scripts and shells: none may get lost. */
static void each_setting_has_its_variable(void **state _unused_)
{
	static const struct {
		const char *variable;
		const char *value;
		enum setting setting;
	} rows[] = {
		{"BPFTRACE_BTF", "/x", SETTING_btf},
		{"BPFTRACE_CACHE_USER_SYMBOLS", "PER_PID", SETTING_cache_user_symbols},
		{"BPFTRACE_COMPAT", "new", SETTING_compat},
		{"BPFTRACE_CPP_DEMANGLE", "0", SETTING_cpp_demangle},
		{"BPFTRACE_DEBUG_OUTPUT", "1", SETTING_debug_output},
		{"BPFTRACE_KERNEL_BUILD", "/x", SETTING_kernel_build},
		{"BPFTRACE_KERNEL_SOURCE", "/x", SETTING_kernel_source},
		{"BPFTRACE_JSON_FRAMES", "1", SETTING_json_frames},
		{"BPFTRACE_LICENSE", "Dual MIT/GPL", SETTING_license},
		{"BPFTRACE_LOG_SIZE", "7", SETTING_log_size},
		{"BPFTRACE_MAX_BPF_PROGS", "7", SETTING_max_bpf_progs},
		{"BPFTRACE_MAX_CAT_BYTES", "7", SETTING_max_cat_bytes},
		{"BPFTRACE_MAX_MAP_KEYS", "7", SETTING_max_map_keys},
		{"BPFTRACE_MAX_MAP_MEMORY", "7", SETTING_max_map_memory},
		{"BPFTRACE_MAX_PROBES", "7", SETTING_max_probes},
		{"BPFTRACE_MAX_STACKS", "7", SETTING_max_stacks},
		{"BPFTRACE_MAX_STRLEN", "7", SETTING_max_strlen},
		{"BPFTRACE_MAX_TYPE_RES_ITERATIONS", "7", SETTING_max_type_res_iterations},
		{"BPFTRACE_MISSING_PROBES", "warn", SETTING_missing_probes},
		{"BPFTRACE_PERF_RB_PAGES", "8", SETTING_perf_rb_pages},
		{"BPFTRACE_PRINT_MAPS_ON_EXIT", "false", SETTING_print_maps_on_exit},
		{"BPFTRACE_SHOW_DEBUG_INFO", "1", SETTING_show_debug_info},
		{"BPFTRACE_STACK_MODE", "perf", SETTING_stack_mode},
		{"BPFTRACE_STR_TRUNC_TRAILER", "~", SETTING_str_trunc_trailer},
		{"BPFTRACE_VMLINUX", "/x", SETTING_vmlinux},
	};
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct settings settings = settings_default();

	assert_int_equal(ARRAY_SIZE(rows), NR_SETTINGS);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		setenv(rows[i].variable, rows[i].value, 1);
	assert_success(settings_from_environment(&settings, &arena));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!settings.from_environment[rows[i].setting])
			fail_msg("%s is not read", rows[i].variable);
		unsetenv(rows[i].variable);
	}
}

static void earlier_names(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct settings settings = settings_default();
	const char *value = "9";

	assert_ptr_equal(setting_find_renamed("strlen", &value), row(SETTING_max_strlen));
	assert_string_equal(value, "9");
	value = "1";
	assert_ptr_equal(
		setting_find_renamed("NO_CPP_DEMANGLE", &value), row(SETTING_cpp_demangle));
	assert_string_equal(value, "0");
	value = "false";
	assert_ptr_equal(setting_find_renamed("BPFTRACE_NO_USER_SYMBOLS", &value),
		row(SETTING_cache_user_symbols));
	assert_string_equal(value, "");
	assert_null(setting_find_renamed("max_strlen", &value));

	setenv("BPFTRACE_STRLEN", "9", 1);
	setenv("BPFTRACE_MAP_KEYS_MAX", "9", 1);
	setenv("BPFTRACE_MAX_MAP_KEYS", "8", 1);
	assert_success(settings_from_environment(&settings, &arena));
	assert_int_equal(settings.max_strlen, 9);
	assert_int_equal(settings.max_map_keys, 8);
	unsetenv("BPFTRACE_STRLEN");
	unsetenv("BPFTRACE_MAP_KEYS_MAX");
	unsetenv("BPFTRACE_MAX_MAP_KEYS");
}

static void names_without_effect(void **state _unused_)
{
	assert_int_equal(setting_effect("on_stack_limit"), SETTING_WITHOUT_EFFECT);
	assert_int_equal(setting_effect("BPFTRACE_USE_BLAZESYM"), SETTING_WITHOUT_EFFECT);
	assert_int_equal(setting_effect("unstable_macro"), SETTING_WITHOUT_EFFECT);
	assert_int_equal(setting_effect("unstable_other"), SETTING_UNSTABLE);
	assert_int_equal(setting_effect("other"), SETTING_UNKNOWN);
}

static void json_and_back(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct settings settings = settings_default(), back = {};

	assert_success(settings_set(&settings, row(SETTING_max_map_keys), "134217728", &arena));
	assert_success(settings_set(&settings, row(SETTING_str_trunc_trailer), "\xff~", &arena));
	settings.from_environment[SETTING_max_map_keys] = true;

	_cleanup_json_ json_t *json = settings_to_json(&settings);

	assert_success(settings_from_json(json, &arena, &back));
	assert_int_equal(back.max_map_keys, 134217728);
	assert_string_equal(back.str_trunc_trailer, "\xff~");
	assert_string_equal(back.stack_mode, "bpftrace");
	assert_memory_equal(
		back.from_environment, settings.from_environment, sizeof(back.from_environment));
}

/* Each change to a good object must be refused. */
static void hostile_json_is_refused(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct settings settings = settings_default(), back = {};
	const struct {
		const char *key;
		const char *value;
		const char *message;
	} cases[] = {
		{"max_strlen", "\"64\"", "settings: 'max_strlen' is not an integer"},
		{"max_strlen", "0", "max_strlen takes a number from 1 to 65536, not 0"},
		{"max_strlen", "-1",
			"max_strlen takes a number from 1 to 65536, not 18446744073709551615"},
		{"max_strlen", "1.5", "settings: 'max_strlen' is not an integer"},
		{"stack_mode", "\"x\"", "stack_mode takes one of bpftrace|perf|raw, not 'x'"},
		{"stack_mode", "7", "settings: 'stack_mode' is not a string"},
		{"stack_mode", "{\"hex\": \"7\"}", "settings: 'stack_mode' is not a string"},
		{"stack_mode", "{\"hex\": \"7g\"}", "settings: 'stack_mode' is not a string"},
		{"stack_mode", "{\"hex\": 7}", "settings: 'stack_mode' is not a string"},
		{"str_trunc_trailer", "\"a\\u0000b\"",
			"settings: 'str_trunc_trailer' contains a NUL byte"},
		{"str_trunc_trailer", "null", "settings: 'str_trunc_trailer' is not a string"},
		{"from_environment", "3", "settings: 'from_environment' is not an array"},
		{"from_environment", "[\"zz\"]", "settings: unknown setting 'zz'"},
		{"from_environment", "[3]", "settings: 'from_environment' is not a string"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_json_ json_t *json = settings_to_json(&settings);
		json_t *value = NULL;

		assert_success(json_parse(cases[i].value, strlen(cases[i].value), &value));
		json_object_set_new(json, cases[i].key, value);
		assert_failure(settings_from_json(json, &arena, &back), cases[i].message);
	}

	_cleanup_json_ json_t *empty = json_object(), *array = json_array();

	assert_failure(settings_from_json(empty, &arena, &back), "settings: 'btf' is missing");
	assert_failure(settings_from_json(array, &arena, &back), "settings: is not an object");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_table),
		cmocka_unit_test(three_spellings_find_a_setting),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(environment_wins_and_is_marked),
		cmocka_unit_test(each_setting_has_its_variable),
		cmocka_unit_test(earlier_names),
		cmocka_unit_test(names_without_effect),
		cmocka_unit_test(json_and_back),
		cmocka_unit_test(hostile_json_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
