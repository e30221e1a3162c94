/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <bpf/btf.h>

#include "libcommon/host/feature.h"
#include "tests/unit/tree.h"

static void names_are_found(void **state _unused_)
{
	uint64_t set = FEATURE_BIT(FEATURE_TAI);

	assert_success(feature_parse("uprobe_multi,loop", &set));
	assert_int_equal(set, FEATURE_BIT(FEATURE_TAI) | FEATURE_BIT(FEATURE_UPROBE_MULTI) |
				      FEATURE_BIT(FEATURE_LOOP));
}

static void unknown_names_are_refused(void **state _unused_)
{
	uint64_t set = 0;

	assert_failure(feature_parse("loop,uprobe_mutli", &set),
		"unknown kernel feature 'uprobe_mutli', did you mean 'uprobe_multi'?");
	assert_failure(feature_parse("", &set), "unknown kernel feature ''");
	assert_failure(feature_parse("loop,", &set), "unknown kernel feature ''");
	assert_int_equal(set, 0);
}

/* Names are what the user types and what the JSON keeps: each must lead back to its row. */
static void sets_go_through_json(void **state _unused_)
{
	for (uint64_t set = 0; set < UINT64_C(1) << NR_FEATURES; set++) {
		_cleanup_json_ json_t *json = feature_to_json(set);
		uint64_t back = ~set;

		assert_success(feature_from_json(json, &back));
		assert_true(back == set);
	}
}

static void bad_json_is_refused(void **state _unused_)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"{}", "features are not an array"},
		{"[3]", "a feature is not a name"},
		{"[\"tai\", \"nope\"]", "unknown kernel feature 'nope'"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_json_ json_t *json = NULL;
		uint64_t set = 5;

		assert_success(json_parse(rows[i].text, strlen(rows[i].text), &json));
		assert_failure(feature_from_json(json, &set), rows[i].message);
		assert_int_equal(set, 5);
	}
}

static void rows_are_documented(void **state _unused_)
{
	for (int i = 0; i < NR_FEATURES; i++) {
		uint64_t set = 0;

		assert_success(feature_parse(feature_name(i), &set));
		assert_true(set == FEATURE_BIT(i));
		assert_true(strlen(feature_doc(i)) > 10);
	}
}

/* A kernel whose types have this name only, as BPF's own enums spell it. */
static uint64_t probe_kernel(const char *name, uint64_t disabled)
{
	struct tree tree = tree_make();
	_cleanup_host_ struct host host = HOST_INIT;
	struct btf *btf = btf__new_empty();
	uint32_t size = 0;

	assert_true(btf__add_enum(btf, NULL, 4) > 0);
	assert_int_equal(btf__add_enum_value(btf, name, 1), 0);

	const void *data = btf__raw_data(btf, &size);

	tree_write(&tree, "/sys/kernel/btf/vmlinux", data, size);
	assert_success(host_open_root(tree.path, &host));

	struct kbtf *kbtf = kbtf_new(&host, NULL);
	uint64_t found = feature_probe(kbtf, disabled);

	kbtf_free(kbtf);
	btf__free(btf);
	tree_remove(&tree);
	return found;
}

static void each_feature_shows_by_a_name(void **state _unused_)
{
	static const struct {
		const char *name;
		enum feature feature;
	} rows[] = {
		{"BPF_FUNC_get_current_task_btf", FEATURE_TASK_BTF},
		{"BPF_FUNC_ktime_get_coarse_ns", FEATURE_LONG_KEYS},
		{"BPF_FUNC_check_mtu", FEATURE_ATOMIC_FETCH},
		{"BPF_FUNC_for_each_map_elem", FEATURE_FOR_EACH_MAP_ELEM},
		{"BPF_FUNC_get_attach_cookie", FEATURE_ATTACH_COOKIE},
		{"BPF_FUNC_get_func_ip", FEATURE_GET_FUNC_IP},
		{"BPF_FUNC_loop", FEATURE_LOOP},
		{"BPF_FUNC_strncmp", FEATURE_STRNCMP},
		{"BPF_TRACE_KPROBE_MULTI", FEATURE_KPROBE_MULTI},
		{"BPF_FUNC_ktime_get_tai_ns", FEATURE_TAI},
		{"BPF_TRACE_UPROBE_MULTI", FEATURE_UPROBE_MULTI},
		{"bpf_mem_alloc", FEATURE_MAP_ALLOCATOR},
		{"fprobe_hlist", FEATURE_KPROBE_SESSION},
	};

	assert_int_equal(ARRAY_SIZE(rows), NR_FEATURES);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t bit = FEATURE_BIT(rows[i].feature);

		assert_true(probe_kernel(rows[i].name, 0) == bit);
		assert_true(probe_kernel(rows[i].name, bit) == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found),
		cmocka_unit_test(unknown_names_are_refused),
		cmocka_unit_test(sets_go_through_json),
		cmocka_unit_test(bad_json_is_refused),
		cmocka_unit_test(rows_are_documented),
		cmocka_unit_test(each_feature_shows_by_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
