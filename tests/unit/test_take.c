/* SPDX-License-Identifier: Apache-2.0 */
/* On the live kernel's maps, the test standing in for programs; skipped where BPF may not be used.
 */
#include "tests/unit/show_fixture.h"

#include <bpf/bpf.h>

#include "bpftrace/runner/take.h"
#include "tests/unit/bpf_fixture.h"

enum {
	EXIT_SKIPPED = 77, /* as meson understands it */
	KEYS = 1000,
};

/* A session with one map of two generations, the first of which is in use. */
struct fixture {
	struct session session;
	struct state *state;
	int fds[2];
	struct map_content taken;
};

static void open_fixture(struct fixture *fixture, enum bpf_map_type kind, uint32_t value)
{
	struct session *session = &fixture->session;
	struct types *types = session->bundle.types;
	bool keyed = kind == BPF_MAP_TYPE_HASH;
	uint32_t key = keyed ? types_integer(types, 4, false) : 0;

	for (int i = 0; i < 2; i++) {
		fixture->fds[i] = bpf_map_create(
			kind, "take", 4, types_size(types, value), keyed ? KEYS : 1, NULL);
		assert_true(fixture->fds[i] >= 0);
	}
	session->map_layouts = arena_new(&session->arena, struct map_layout);
	assert_success(map_layout_init(types, key, value, fixture->fds[0], session->map_layouts));
	session->map_layouts->other_fd = fixture->fds[1];
	session->map_layouts->elements = &fixture->state->maps[0].elements[0];
	session->map_layouts->other_elements = &fixture->state->maps[0].elements[1];
	vec_push(&session->bundle.manifest.maps,
		((struct manifest_map){.name = "@m", .other = "BT_m", .keyed = keyed}));
	assert_success(take_open(session));
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->session = fixture_session();
	fixture->session.fence_fd = fixture->session.fence_member_fd = -1;
	fixture->state = calloc(1, sizeof(struct state) + sizeof(struct state_map));
	fixture->session.state = fixture->state;
	fixture->fds[0] = fixture->fds[1] = -1;
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 2; i++)
		cleanup_close(&fixture->fds[i]);
	cleanup_close(&fixture->session.fence_fd);
	cleanup_close(&fixture->session.fence_member_fd);
	map_content_deinit(&fixture->taken);
	fixture_close(&fixture->session);
	free(fixture->state);
	free(fixture);
	return 0;
}

static uint32_t u64_of(struct fixture *fixture)
{
	return types_integer(fixture->session.bundle.types, 8, false);
}

/* As a program does: into the generation in use. */
static void write_key(struct fixture *fixture, uint32_t key, uint64_t value)
{
	uint64_t generation = fixture->state->maps[0].generation;

	assert_int_equal(bpf_map_update_elem(fixture->fds[generation], &key, &value, BPF_ANY), 0);
}

/* Takes the map; what was taken before is forgotten. */
static void take_it(struct fixture *fixture, bool keep_keys)
{
	map_content_deinit(&fixture->taken);
	fixture->taken = (struct map_content){};
	assert_success(take(&fixture->session, 0, keep_keys, &fixture->taken));
}

static uint64_t value_at(const struct fixture *fixture, size_t index)
{
	uint64_t value;

	memcpy(&value, fixture->taken.values.data + index * sizeof(value), sizeof(value));
	return value;
}

static void each_take_has_what_came_since(void **state)
{
	struct fixture *fixture = *state;

	open_fixture(fixture, BPF_MAP_TYPE_HASH, u64_of(fixture));
	write_key(fixture, 1, 11);
	for (int i = 0; i < 3; i++) {
		take_it(fixture, false);
		assert_int_equal(fixture->taken.count, 1);
		assert_int_equal(value_at(fixture, 0), 11 + i);
		assert_int_equal(fixture->state->maps[0].generation, !(i % 2));
		write_key(fixture, 1, 12 + (uint64_t)i);
	}
	take_it(fixture, false);
	take_it(fixture, false);
	assert_int_equal(fixture->taken.count, 0);
}

static void keys_that_are_kept(void **state)
{
	struct fixture *fixture = *state;

	open_fixture(fixture, BPF_MAP_TYPE_HASH, u64_of(fixture));
	fixture->state->maps[0].elements[0] = 2;
	write_key(fixture, 1, 11);
	write_key(fixture, 2, 22);
	take_it(fixture, true);
	assert_int_equal(value_at(fixture, 0) + value_at(fixture, 1), 33);
	assert_int_equal(fixture->state->maps[0].elements[0], 0);
	assert_int_equal(fixture->state->maps[0].elements[1], 2);
	write_key(fixture, 2, 5);
	take_it(fixture, true);
	assert_int_equal(fixture->taken.count, 2);
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
		types_struct(fixture->session.bundle.types, NULL, fields, ARRAY_SIZE(fields)));
	take_it(fixture, false);
	assert_int_equal(fixture->taken.count, 0);
	assert_int_equal(bpf_map_update_elem(fixture->fds[1], &index, written, BPF_ANY), 0);
	take_it(fixture, true);
	assert_int_equal(value_at(fixture, 0), 7);
	take_it(fixture, false);
	assert_int_equal(fixture->taken.count, 1);
	assert_int_equal(value_at(fixture, 0), 0);
	take_it(fixture, false);
	assert_int_equal(fixture->taken.count, 0);
}

static void only_maps_that_are_taken_need_a_fence(void **state)
{
	struct fixture *fixture = *state;

	vec_push(&fixture->session.bundle.manifest.maps, ((struct manifest_map){.name = "@m"}));
	assert_success(take_open(&fixture->session));
	assert_int_equal(fixture->session.fence_fd, -1);
	vec_push(&fixture->session.bundle.manifest.maps,
		((struct manifest_map){.name = "@n", .other = "BT_n"}));
	assert_success(take_open(&fixture->session));
	assert_true(fixture->session.fence_fd >= 0);
}

static void failures_name_the_map(void **state)
{
	struct fixture *fixture = *state;
	struct map_content content = {};

	open_fixture(fixture, BPF_MAP_TYPE_HASH, u64_of(fixture));
	cleanup_close(&fixture->session.fence_fd);
	fixture->session.fence_fd = -1;
	assert_failure(take(&fixture->session, 0, false, &content),
		"cannot wait for programs that use map @m: Bad file descriptor");
	map_content_deinit(&content);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_take_has_what_came_since, setup, teardown),
		cmocka_unit_test_setup_teardown(keys_that_are_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(maps_without_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(
			only_maps_that_are_taken_need_a_fence, setup, teardown),
		cmocka_unit_test_setup_teardown(failures_name_the_map, setup, teardown),
	};

	if (!bpf_fixture_possible()) {
		fprintf(stderr, "skipped: BPF may not be used here\n");
		return EXIT_SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
