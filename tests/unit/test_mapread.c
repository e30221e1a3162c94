/* SPDX-License-Identifier: Apache-2.0 */
/* On the live kernel's maps; skipped where BPF may not be used. */
#include "tests/unit/show_fixture.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <pthread.h>

#include "bpftrace/door/extreme.h"
#include "tests/unit/bpf_fixture.h"

enum { EXIT_SKIPPED = 77 }; /* as meson understands it */

/* Makes a map of the kernel and lays it out as map number 0 of the shown. Returns its descriptor.
 */
static int make_map(struct show_fixture *shown, enum bpf_map_type kind, uint32_t key,
	uint32_t value, uint32_t entries)
{
	struct types *types = shown->traced.bundle.types;
	bool keyed = kind == BPF_MAP_TYPE_HASH || kind == BPF_MAP_TYPE_PERCPU_HASH;
	int fd = bpf_map_create(kind, "mapread", keyed ? types_size(types, key) : 4,
		types_size(types, value), entries, NULL);

	assert_true(fd >= 0);
	shown->traced.map_layouts = arena_new(&shown->traced.arena, struct map_layout);
	assert_success(map_layout_init(types, key, value, fd, shown->traced.map_layouts));
	vec_push(&shown->traced.bundle.manifest.maps,
		((struct manifest_map){.name = "@m", .keyed = keyed}));
	return fd;
}

/* What a map without keys stores. */
static uint32_t wrapped(struct show_fixture *shown, uint32_t value)
{
	struct types *types = shown->traced.bundle.types;
	const struct types_field fields[] = {
		{"value", value}, {"set", types_integer(types, 8, false)}};

	return types_struct(types, NULL, fields, ARRAY_SIZE(fields));
}

static size_t element_count(struct show_fixture *shown)
{
	_cleanup_map_content_ struct map_content content = {};

	assert_success(mapread(&shown->traced, 0, &content));
	assert_int_equal(content.keys.length, content.count * content.layout->key_size);
	assert_int_equal(content.values.length, content.count * content.layout->value_size);
	return content.count;
}

static void fill(int fd, uint32_t keys)
{
	for (uint32_t i = 0; i < keys; i++) {
		uint64_t value = UINT64_C(1000000) + i;

		assert_int_equal(bpf_map_update_elem(fd, &i, &value, BPF_ANY), 0);
	}
}

/* Every key once, with its value. */
static void check_filled(struct show_fixture *shown, uint32_t keys)
{
	_cleanup_map_content_ struct map_content content = {};
	_cleanup_free_ bool *seen = calloc(keys, sizeof(*seen));

	assert_success(mapread(&shown->traced, 0, &content));
	assert_int_equal(content.count, keys);
	for (uint32_t i = 0; i < keys; i++) {
		uint32_t key;
		uint64_t value;

		memcpy(&key, content.keys.data + i * sizeof(key), sizeof(key));
		memcpy(&value, content.values.data + i * sizeof(value), sizeof(value));
		assert_true(key < keys && !seen[key]);
		assert_int_equal(value, UINT64_C(1000000) + key);
		seen[key] = true;
	}
}

static void keyed(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	_cleanup_close_ int fd = make_map(&shown, BPF_MAP_TYPE_HASH, types_integer(types, 4, false),
		types_integer(types, 8, false), 20000);

	assert_int_equal(element_count(&shown), 0);
	fill(fd, 1);
	check_filled(&shown, 1);
	fill(fd, 20000);
	check_filled(&shown, 20000);

	assert_success(map_zero(&shown.traced, 0));

	_cleanup_map_content_ struct map_content content = {};

	assert_success(mapread(&shown.traced, 0, &content));
	assert_int_equal(content.count, 20000);
	for (size_t i = 0; i < content.values.length; i++)
		assert_int_equal(content.values.data[i], 0);

	assert_success(map_clear(&shown.traced, 0));
	assert_int_equal(element_count(&shown), 0);
	assert_success(map_clear(&shown.traced, 0));
	assert_success(map_zero(&shown.traced, 0));
	assert_int_equal(element_count(&shown), 0);
}

/* As on a kernel without batch calls. */
/* Small batches: a table of few buckets puts many elements into one. */
static void crowded_buckets(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t element = types_array(types, types_integer(types, 8, false), 4096);
	_cleanup_close_ int fd =
		make_map(&shown, BPF_MAP_TYPE_HASH, types_integer(types, 4, false), element, 200);
	_cleanup_free_ unsigned char *value = calloc(1, 4096 * 8);

	for (uint32_t i = 0; i < 200; i++)
		assert_int_equal(bpf_map_update_elem(fd, &i, value, BPF_ANY), 0);
	assert_int_equal(element_count(&shown), 200);
}

static void single(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	uint32_t s64 = types_integer(shown.traced.bundle.types, 8, true);
	_cleanup_close_ int fd = make_map(&shown, BPF_MAP_TYPE_ARRAY, 0, wrapped(&shown, s64), 1);
	_cleanup_map_content_ struct map_content content = {};
	uint32_t index = 0;
	int64_t value;

	assert_int_equal(element_count(&shown), 0);
	assert_success(map_zero(&shown.traced, 0));
	assert_int_equal(element_count(&shown), 0);
	bpf_map_update_elem(fd, &index, (uint64_t[]){42, 1}, BPF_ANY);
	assert_success(mapread(&shown.traced, 0, &content));
	assert_int_equal(content.count, 1);
	assert_int_equal(content.layout->key_type, 0);
	assert_int_equal(content.layout->value_type, s64);
	memcpy(&value, content.values.data, sizeof(value));
	assert_int_equal(value, 42);

	assert_success(map_zero(&shown.traced, 0));
	map_content_deinit(&content);
	assert_success(mapread(&shown.traced, 0, &content));
	assert_int_equal(content.count, 1);
	memcpy(&value, content.values.data, sizeof(value));
	assert_int_equal(value, 0);

	assert_success(map_clear(&shown.traced, 0));
	assert_int_equal(element_count(&shown), 0);
}

static size_t cpus(void)
{
	return (size_t)libbpf_num_possible_cpus();
}

/* Only CPUs that wrote have a say, but all their parts are added. */
static void single_per_cpu(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	uint32_t max = fixture_aggregate(&shown, MEANING_MAX);
	_cleanup_close_ int fd =
		make_map(&shown, BPF_MAP_TYPE_PERCPU_ARRAY, 0, wrapped(&shown, max), 1);
	_cleanup_free_ uint64_t *parts = calloc(cpus(), 24);
	_cleanup_map_content_ struct map_content content = {};
	uint32_t index = 0;

	assert_int_equal(element_count(&shown), 0);
	parts[3 * (cpus() - 1)] = (uint64_t)-7 ^ extreme_mask(false, true);
	parts[3 * (cpus() - 1) + 1] = 1;
	parts[3 * (cpus() - 1) + 2] = 1;
	assert_int_equal(bpf_map_update_elem(fd, &index, parts, BPF_ANY), 0);
	assert_success(mapread(&shown.traced, 0, &content));
	assert_int_equal(content.count, 1);
	assert_int_equal(content.layout->value_size, 16);
	assert_memory_equal(content.values.data,
		((uint64_t[]){(uint64_t)-7 ^ extreme_mask(false, true), 1}), 16);
	assert_success(map_zero(&shown.traced, 0));
	assert_int_equal(element_count(&shown), 1);
	assert_success(map_clear(&shown.traced, 0));
	assert_int_equal(element_count(&shown), 0);
}

static void keyed_per_cpu(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	uint32_t u64 = types_integer(shown.traced.bundle.types, 8, false);
	uint32_t count = fixture_aggregate(&shown, MEANING_COUNT);
	_cleanup_close_ int fd = make_map(&shown, BPF_MAP_TYPE_PERCPU_HASH, u64, count, 5000);
	_cleanup_free_ uint64_t *parts = calloc(cpus(), sizeof(*parts));
	_cleanup_map_content_ struct map_content content = {};

	for (uint64_t key = 0; key < 5000; key++) {
		for (size_t cpu = 0; cpu < cpus(); cpu++)
			parts[cpu] = key + cpu;
		assert_int_equal(bpf_map_update_elem(fd, &key, parts, BPF_ANY), 0);
	}
	assert_success(mapread(&shown.traced, 0, &content));
	assert_int_equal(content.count, 5000);
	for (size_t i = 0; i < content.count; i++) {
		uint64_t key, value;

		memcpy(&key, content.keys.data + i * 8, 8);
		memcpy(&value, content.values.data + i * 8, 8);
		assert_int_equal(value, key * cpus() + cpus() * (cpus() - 1) / 2);
	}
	assert_success(map_zero(&shown.traced, 0));
	assert_int_equal(element_count(&shown), 5000);
	assert_success(map_clear(&shown.traced, 0));
	assert_int_equal(element_count(&shown), 0);
}

struct writer {
	int fd;
	bool stop;
};

/* Keys below 1000 stay, the others come and go. */
static void *write_and_delete(void *context)
{
	struct writer *writer = context;
	uint32_t key = 1000;

	while (!__atomic_load_n(&writer->stop, __ATOMIC_RELAXED)) {
		uint64_t value = 1;
		uint32_t old = 1000 + (key - 1000 + 500) % 1000;

		bpf_map_update_elem(writer->fd, &key, &value, BPF_ANY);
		bpf_map_delete_elem(writer->fd, &old);
		key = 1000 + (key - 1000 + 1) % 1000;
	}
	return NULL;
}

static void while_programs_write(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	_cleanup_close_ int fd = make_map(&shown, BPF_MAP_TYPE_HASH, types_integer(types, 4, false),
		types_integer(types, 8, false), 4096);
	struct writer writer = {.fd = fd};
	pthread_t thread;

	fill(fd, 1000);
	pthread_create(&thread, NULL, write_and_delete, &writer);
	for (int round = 0; round < 50; round++) {
		_cleanup_map_content_ struct map_content content = {};
		bool seen[2000] = {};
		size_t staying = 0;

		assert_success(mapread(&shown.traced, 0, &content));
		for (size_t i = 0; i < content.count; i++) {
			uint32_t key;

			memcpy(&key, content.keys.data + i * sizeof(key), sizeof(key));
			assert_true(key < 2000 && !seen[key]);
			seen[key] = true;
			staying += key < 1000;
		}
		assert_int_equal(staying, 1000);
	}
	__atomic_store_n(&writer.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

/* Sizes decide how much the kernel writes into our memory, so they must agree. */
static void layouts_must_fit(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t u32 = types_integer(types, 4, false), u64 = types_integer(types, 8, false);
	_cleanup_close_ int hash = bpf_map_create(BPF_MAP_TYPE_HASH, "hash", 4, 8, 10, NULL);
	_cleanup_close_ int array =
		bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "array", 4, 16, 1, NULL);
	_cleanup_close_ int queue = bpf_map_create(BPF_MAP_TYPE_QUEUE, "queue", 0, 8, 10, NULL);
	struct map_layout layout;

	assert_success(map_layout_init(types, u32, u64, hash, &layout));
	assert_failure(map_layout_init(types, u64, u64, hash, &layout),
		"its types do not have the sizes of keys and values");
	assert_failure(map_layout_init(types, u32, u32, hash, &layout),
		"its types do not have the sizes of keys and values");
	assert_failure(map_layout_init(types, 0, types_array(types, u64, 2), array, &layout),
		"its value is not {value, set}");
	assert_failure(map_layout_init(types, 0, wrapped(&shown, u64), array, &layout),
		"its values differ per CPU and cannot be merged");
	assert_failure(
		map_layout_init(types, 0, u64, queue, &layout), "maps of type 22 cannot be shown");
}

static void failures_name_the_map(void **state _unused_)
{
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	uint32_t u64 = types_integer(shown.traced.bundle.types, 8, false);
	struct map_content content;
	int fd = make_map(&shown, BPF_MAP_TYPE_HASH, u64, u64, 10);

	close(fd);
	assert_failure(
		mapread(&shown.traced, 0, &content), "cannot read map @m: Bad file descriptor");
	assert_failure(map_clear(&shown.traced, 0), "cannot clear map @m: Bad file descriptor");
	assert_failure(map_zero(&shown.traced, 0), "cannot zero map @m: Bad file descriptor");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keyed),
		cmocka_unit_test(crowded_buckets),
		cmocka_unit_test(single),
		cmocka_unit_test(single_per_cpu),
		cmocka_unit_test(keyed_per_cpu),
		cmocka_unit_test(while_programs_write),
		cmocka_unit_test(layouts_must_fit),
		cmocka_unit_test(failures_name_the_map),
	};

	if (!bpf_fixture_possible()) {
		fprintf(stderr, "skipped: BPF may not be used here\n");
		return EXIT_SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
