/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/show_fixture.h"

#include <inttypes.h>
#include <pwd.h>
#include <unistd.h>

#include "bpftrace/runner/names/names.h"
#include "bpftrace/runner/names/users.h"

/* A source of names "n1", "n2" … for numbers below its limit, which counts requests and keys. */
struct counted_source {
	size_t requests, keys, announced;
	uint64_t limit;
	bool is_closed;
};

static size_t fetch(void *context, const struct name_key *keys, size_t count, struct str *ret)
{
	struct counted_source *source = context;

	source->requests++;
	source->keys += count;
	for (size_t i = 0; i < count; i++) {
		if (keys[i].number >= source->limit)
			return i;
		str_printf(ret, "%sn%" PRIu64, keys[i].parameters, keys[i].number);
		str_append_char(ret, '\0');
	}
	return count;
}

static void announce(void *context, const struct name_key *keys _unused_, size_t count)
{
	((struct counted_source *)context)->announced += count;
}

static void close_source(void *context)
{
	((struct counted_source *)context)->is_closed = true;
}

static const struct name_ops cached = {.is_cached = true, .fetch = fetch, .close = close_source};
static const struct name_ops announced = {
	.is_cached = true, .fetch = fetch, .announce = announce, .close = close_source};
static const struct name_ops uncached = {.fetch = fetch, .close = close_source};

static const char *text(struct names *names, uint64_t number)
{
	return names_text(names, NAME_USER, (struct name_key){.number = number, .parameters = ""});
}

static void one_request_for_many(void **state _unused_)
{
	struct counted_source source = {.limit = UINT64_MAX};
	struct names *names = names_new();
	struct name_key keys[100];

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		keys[i] = (struct name_key){.number = i % 10, .parameters = ""};
	names_add(names, NAME_USER, &cached, &source);
	names_prefetch(names, NAME_USER, keys, ARRAY_SIZE(keys));
	names_prefetch(names, NAME_USER, keys, ARRAY_SIZE(keys));
	assert_string_equal(text(names, 0), "n0");
	assert_string_equal(text(names, 9), "n9");
	assert_int_equal(source.requests, 1);
	assert_int_equal(source.keys, 10);
	assert_string_equal(text(names, 10), "n10");
	assert_string_equal(text(names, 10), "n10");
	assert_int_equal(source.requests, 2);
	names_free(names);
	assert_true(source.is_closed);
}

/* Of those that the cache has not, each once; what has no use for it is not bothered. */
static void what_will_be_fetched_is_announced(void **state _unused_)
{
	struct counted_source source = {.limit = UINT64_MAX};
	struct names *names = names_new();
	const struct name_key keys[] = {{1, ""}, {2, ""}, {1, ""}, {3, ""}};

	names_announce(names, NAME_USER, keys, ARRAY_SIZE(keys));
	names_add(names, NAME_CGROUP, &cached, &source);
	names_announce(names, NAME_CGROUP, keys, ARRAY_SIZE(keys));
	names_add(names, NAME_USER, &announced, &source);
	names_prefetch(names, NAME_USER, keys, 1);
	names_announce(names, NAME_USER, keys, ARRAY_SIZE(keys));
	names_announce(names, NAME_USER, keys, 1);
	assert_int_equal(source.announced, 2);
	assert_int_equal(source.requests, 1);
	names_free(names);
}

static void parameters_are_part_of_a_key(void **state _unused_)
{
	struct counted_source source = {.limit = UINT64_MAX};
	struct names *names = names_new();

	names_add(names, NAME_CGROUP, &cached, &source);
	assert_string_equal(names_text(names, NAME_CGROUP, (struct name_key){1, "a"}), "an1");
	assert_string_equal(names_text(names, NAME_CGROUP, (struct name_key){1, "b"}), "bn1");
	names_free(names);
}

static void what_may_change_is_fetched_each_time(void **state _unused_)
{
	struct counted_source source = {.limit = UINT64_MAX};
	struct names *names = names_new();
	struct name_key key = {.number = 1, .parameters = ""};

	names_add(names, NAME_USER, &uncached, &source);
	names_prefetch(names, NAME_USER, &key, 1);
	assert_int_equal(source.requests, 0);
	assert_string_equal(text(names, 1), "n1");
	assert_string_equal(text(names, 1), "n1");
	assert_int_equal(source.requests, 2);
	names_free(names);
}

static void names_that_cannot_be_had(void **state _unused_)
{
	struct counted_source source = {.limit = 2};
	struct names *names = names_new();
	const struct name_key keys[] = {{0, ""}, {1, ""}, {2, ""}, {3, ""}};

	assert_null(text(names, 1));
	assert_false(names_has(names, NAME_USER));
	assert_false(names_has(NULL, NAME_USER));
	assert_null(text(NULL, 1));
	names_prefetch(NULL, NAME_USER, keys, 1);
	names_add(names, NAME_USER, &cached, &source);
	names_prefetch(names, NAME_USER, keys, ARRAY_SIZE(keys));
	assert_string_equal(text(names, 1), "n1");
	assert_int_equal(source.requests, 1);
	assert_null(text(names, 2));
	names_close(names);
	assert_null(text(names, 1));
	names_free(names);
}

/* Names that are used again and again stay, those that are not are fetched anew. */
static void the_cache_is_bounded(void **state _unused_)
{
	enum { MANY = 100000 };
	struct counted_source source = {.limit = UINT64_MAX};
	struct names *names = names_new();

	names_add(names, NAME_USER, &cached, &source);
	for (uint64_t i = 0; i < MANY; i++) {
		text(names, i);
		assert_string_equal(text(names, 7), "n7");
	}
	assert_int_equal(source.requests, MANY);
	assert_string_equal(text(names, 8), "n8");
	assert_int_equal(source.requests, MANY + 1);
	names_free(names);
}

/* A few names that are long are as much as many that are short. */
static void the_bytes_of_the_cache_are_bounded(void **state _unused_)
{
	enum { LENGTH = 1 << 20, MANY = 16 };
	struct counted_source source = {.limit = UINT64_MAX};
	_cleanup_free_ char *parameters = xcalloc(LENGTH + 1, 1);
	struct names *names = names_new();

	memset(parameters, 'x', LENGTH);
	names_add(names, NAME_USER, &cached, &source);
	for (uint64_t i = 0; i < MANY; i++)
		names_text(names, NAME_USER, (struct name_key){i, parameters});
	assert_int_equal(source.requests, MANY);
	names_text(names, NAME_USER, (struct name_key){MANY - 1, parameters});
	assert_int_equal(source.requests, MANY);
	names_text(names, NAME_USER, (struct name_key){0, parameters});
	assert_int_equal(source.requests, MANY + 1);
	names_free(names);
}

/* The names of all elements of a map, as keys and as values, are fetched before any is shown. */
static void one_request_for_a_map(void **state _unused_)
{
	enum { ELEMENTS = 1000 };
	struct counted_source source = {.limit = UINT64_MAX};
	_cleanup_fixture_ struct show_fixture shown = fixture_open();
	struct types *types = shown.traced.bundle.types;
	uint32_t u64 = types_integer(types, 8, false);
	uint32_t user = types_with_meaning(types, MEANING_USERNAME, u64, NULL);
	const uint32_t parts[] = {u64, user};
	_cleanup_map_content_ struct map_content content =
		fixture_map(&shown, "@", types_tuple(types, parts, 2), user);
	struct names *names = names_new();

	names_add(names, NAME_USER, &cached, &source);
	fixture_output(&shown, "text")->reader.names = names;
	for (uint64_t i = 0; i < ELEMENTS; i++) {
		const uint64_t key[] = {i, i};

		fixture_element(&content, key, &(uint64_t){ELEMENTS + i % 2});
	}
	fixture_show(&shown, &content, 0, 1);

	_cleanup_free_ char *written = fixture_written(&shown);

	assert_memory_equal(written, "@[0, n0]: n1000\n@[1, n1]: n1001\n", 32);
	assert_int_equal(source.requests, 2);
	assert_int_equal(source.keys, ELEMENTS + 2);
	names_free(names);
}

/* More than one request and one answer hold. */
static void names_of_users(void **state _unused_)
{
	enum { USERS = 20000, ABSENT = 4000000 };
	_cleanup_free_ struct name_key *keys = xcalloc(USERS, sizeof(*keys));
	struct names *names = names_new();
	size_t wrong = 0;

	assert_success(users_open(names));
	keys[0] = (struct name_key){.number = 0, .parameters = ""};
	for (uint64_t i = 1; i < USERS; i++)
		keys[i] = (struct name_key){.number = ABSENT + i, .parameters = ""};
	names_prefetch(names, NAME_USER, keys, USERS);
	for (uint64_t i = 1; i < USERS; i++) {
		char number[16];
		const char *name = text(names, ABSENT + i);

		snprintf(number, sizeof(number), "%" PRIu64, ABSENT + i);
		wrong += !name || strcmp(name, number) != 0;
	}
	assert_int_equal(wrong, 0);
	assert_string_equal(text(names, 0), getpwuid(0)->pw_name);
	names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_request_for_many),
		cmocka_unit_test(what_will_be_fetched_is_announced),
		cmocka_unit_test(parameters_are_part_of_a_key),
		cmocka_unit_test(what_may_change_is_fetched_each_time),
		cmocka_unit_test(names_that_cannot_be_had),
		cmocka_unit_test(the_cache_is_bounded),
		cmocka_unit_test(the_bytes_of_the_cache_are_bounded),
		cmocka_unit_test(one_request_for_a_map),
		cmocka_unit_test(names_of_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
