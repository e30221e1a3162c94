/* SPDX-License-Identifier: Apache-2.0 */
/* On the live kernel's maps, the test standing in for programs; skipped where BPF may not be used.
 */
#include "tests/unit/show_fixture.h"

#include <bpf/bpf.h>

#include "bpftrace/runner/data/swap.h"
#include "tests/unit/bpf_fixture.h"

enum {
	EXIT_SKIPPED = 77, /* as meson understands it */
	KEYS = 1000,
};

/* A shown with one map of two generations, the first of which is in use. */
struct fixture {
	struct show_fixture shown;
	struct state *state;
	int fds[2];
	struct map_content content;
};

static void open_fixture(struct fixture *fixture, enum bpf_map_type kind, uint32_t value)
{
	struct show_fixture *shown = &fixture->shown;
	struct types *types = shown->traced.bundle.types;
	bool keyed = kind == BPF_MAP_TYPE_HASH;
	uint32_t key = keyed ? types_integer(types, 4, false) : 0;

	for (int i = 0; i < 2; i++) {
		fixture->fds[i] = bpf_map_create(
			kind, "swap", 4, types_size(types, value), keyed ? KEYS : 1, NULL);
		assert_true(fixture->fds[i] >= 0);
	}
	shown->traced.map_layouts = arena_new(&shown->traced.arena, struct map_layout);
	assert_success(
		map_layout_init(types, key, value, fixture->fds[0], shown->traced.map_layouts));
	shown->traced.map_layouts->standby_fd = fixture->fds[1];
	shown->traced.map_layouts->elements = &fixture->state->maps[0].elements[0];
	shown->traced.map_layouts->standby_elements = &fixture->state->maps[0].elements[1];
	vec_push(&shown->traced.bundle.manifest.maps,
		((struct manifest_map){.name = "@m", .standby = "BT_m", .keyed = keyed}));
	assert_success(swap_open(&shown->traced));
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->shown = fixture_open();
	fixture->state = calloc(1, sizeof(struct state) + sizeof(struct state_map));
	fixture->shown.traced.state = fixture->state;
	fixture->fds[0] = fixture->fds[1] = -1;
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 2; i++)
		cleanup_close(&fixture->fds[i]);
	cleanup_close(&fixture->shown.traced.fence_fd);
	cleanup_close(&fixture->shown.traced.fence_member_fd);
	map_content_deinit(&fixture->content);
	fixture_close(&fixture->shown);
	free(fixture->state);
	free(fixture);
	return 0;
}

static uint32_t u64_of(struct fixture *fixture)
{
	return types_integer(fixture->shown.traced.bundle.types, 8, false);
}

/* As a program does: into the generation in use. */
static void write_key(struct fixture *fixture, uint32_t key, uint64_t value)
{
	uint64_t generation = fixture->state->maps[0].generation;

	assert_int_equal(bpf_map_update_elem(fixture->fds[generation], &key, &value, BPF_ANY), 0);
}

/* Swaps the map; the content of the last swap is freed. */
static void swap(struct fixture *fixture, bool keep_keys)
{
	map_content_deinit(&fixture->content);
	fixture->content = (struct map_content){};
	assert_success(map_swap(&fixture->shown.traced, 0, keep_keys, &fixture->content));
}

static uint64_t value_at(const struct fixture *fixture, size_t index)
{
	uint64_t value;

	memcpy(&value, fixture->content.values.data + index * sizeof(value), sizeof(value));
	return value;
}

static void each_swap_has_what_came_since(void **state)
{
	struct fixture *fixture = *state;

	open_fixture(fixture, BPF_MAP_TYPE_HASH, u64_of(fixture));
	write_key(fixture, 1, 11);
	for (int i = 0; i < 3; i++) {
		swap(fixture, false);
		assert_int_equal(fixture->content.count, 1);
		assert_int_equal(value_at(fixture, 0), 11 + i);
		assert_int_equal(fixture->state->maps[0].generation, !(i % 2));
		write_key(fixture, 1, 12 + (uint64_t)i);
	}
	swap(fixture, false);
	swap(fixture, false);
	assert_int_equal(fixture->content.count, 0);
}

static void keys_that_are_kept(void **state)
{
	struct fixture *fixture = *state;

	open_fixture(fixture, BPF_MAP_TYPE_HASH, u64_of(fixture));
	fixture->state->maps[0].elements[0] = 2;
	write_key(fixture, 1, 11);
	write_key(fixture, 2, 22);
	swap(fixture, true);
	assert_int_equal(value_at(fixture, 0) + value_at(fixture, 1), 33);
	assert_int_equal(fixture->state->maps[0].elements[0], 0);
	assert_int_equal(fixture->state->maps[0].elements[1], 2);
	write_key(fixture, 2, 5);
	swap(fixture, true);
	assert_int_equal(fixture->content.count, 2);
	assert_int_equal(value_at(fixture, 0) + value_at(fixture, 1), 5);
}

/* Such a map prints nothing until it is written, but after a zero() it prints zero. */
static void maps_without_keys(void **state)
{
	struct fixture *fixture = *state;
	const struct types_field fields[] = {{"value", u64_of(fixture)}, {"set", u64_of(fixture)}};
	const uint64_t written[] = {7, 1};
	uint32_t index = 0;

	open_fixture(fixture, BPF_MAP_TYPE_ARRAY,
		types_struct(fixture->shown.traced.bundle.types, NULL, fields, ARRAY_SIZE(fields)));
	swap(fixture, false);
	assert_int_equal(fixture->content.count, 0);
	assert_int_equal(bpf_map_update_elem(fixture->fds[1], &index, written, BPF_ANY), 0);
	swap(fixture, true);
	assert_int_equal(value_at(fixture, 0), 7);
	swap(fixture, false);
	assert_int_equal(fixture->content.count, 1);
	assert_int_equal(value_at(fixture, 0), 0);
	swap(fixture, false);
	assert_int_equal(fixture->content.count, 0);
}

static void only_double_buffered_maps_need_a_fence(void **state)
{
	struct fixture *fixture = *state;

	vec_push(
		&fixture->shown.traced.bundle.manifest.maps, ((struct manifest_map){.name = "@m"}));
	assert_success(swap_open(&fixture->shown.traced));
	assert_int_equal(fixture->shown.traced.fence_fd, -1);
	vec_push(&fixture->shown.traced.bundle.manifest.maps,
		((struct manifest_map){.name = "@n", .standby = "BT_n"}));
	assert_success(swap_open(&fixture->shown.traced));
	assert_true(fixture->shown.traced.fence_fd >= 0);
}

static void failures_name_the_map(void **state)
{
	struct fixture *fixture = *state;
	struct map_content content = {};

	open_fixture(fixture, BPF_MAP_TYPE_HASH, u64_of(fixture));
	cleanup_close(&fixture->shown.traced.fence_fd);
	fixture->shown.traced.fence_fd = -1;
	assert_failure(map_swap(&fixture->shown.traced, 0, false, &content),
		"cannot wait for programs that use map @m: Bad file descriptor");
	map_content_deinit(&content);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_swap_has_what_came_since, setup, teardown),
		cmocka_unit_test_setup_teardown(keys_that_are_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(maps_without_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(
			only_double_buffered_maps_need_a_fence, setup, teardown),
		cmocka_unit_test_setup_teardown(failures_name_the_map, setup, teardown),
	};

	if (!bpf_fixture_possible()) {
		fprintf(stderr, "skipped: BPF may not be used here\n");
		return EXIT_SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
