/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "libcommon/base/str.h"
#include "libcommon/elf/ldcache.h"
#include "libcommon/host/arch.h"

/* A cache in the making. */
struct cache {
	struct str entries;
	struct str texts;
	uint32_t count;
	uint32_t total; /* how many there will be: texts stand behind the entries */
};

static void add_number(struct str *out, uint32_t number)
{
	str_append_bytes(out, &number, sizeof(number));
}

static uint32_t add_text(struct cache *cache, const char *text)
{
	uint32_t offset = 48 + cache->total * 24 + (uint32_t)cache->texts.length;

	str_append_bytes(&cache->texts, text, strlen(text) + 1);
	return offset;
}

static void add(
	struct cache *cache, uint32_t flags, const char *key, const char *path, uint32_t hwcap)
{
	add_number(&cache->entries, flags);
	add_number(&cache->entries, add_text(cache, key));
	add_number(&cache->entries, add_text(cache, path));
	add_number(&cache->entries, 0);
	add_number(&cache->entries, hwcap);
	add_number(&cache->entries, 0);
	cache->count++;
}

static uint32_t native_flags(void)
{
	return strcmp(arch_native()->name, "aarch64") == 0 ? 0x0a03 : 0x0303;
}

static struct str make_cache(void)
{
	struct cache cache = {.total = 6};
	struct str out = STR_INIT;

	add(&cache, 0x0003, "libc.so.6", "/lib32/libc.so.6", 0);
	add(&cache, native_flags(), "libc.so.6", "/lib/fast/libc.so.6", 4);
	add(&cache, native_flags(), "libc.so.6", "/lib/libc.so.6", 0);
	add(&cache, native_flags(), "libcap.so.2", "/lib/libcap.so.2", 0);
	add(&cache, native_flags(), "libodd.so.1", "relative/libodd.so.1", 0);
	add(&cache, native_flags(), "libfast.so.1", "/lib/fast/libfast.so.1", 4);
	assert_int_equal(cache.count, cache.total);

	str_append(&out, "glibc-ld.so.cache1.1");
	add_number(&out, cache.count);
	add_number(&out, (uint32_t)cache.texts.length);
	str_append_repeat(&out, '\0', 20);
	str_append_bytes(&out, cache.entries.data, cache.entries.length);
	str_append_bytes(&out, cache.texts.data, cache.texts.length);
	str_deinit(&cache.entries);
	str_deinit(&cache.texts);
	return out;
}

static void assert_found(const struct str *cache, const char *name, const char *path)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	const char *found = ldcache_parse(cache->data, cache->length, arch_native(), name, &arena);

	if (path)
		assert_string_equal(found, path);
	else
		assert_null(found);
}

static void names_with_and_without_version(void **state _unused_)
{
	_cleanup_str_ struct str cache = make_cache();

	assert_found(&cache, "libc", "/lib/libc.so.6");
	assert_found(&cache, "libc.so", "/lib/libc.so.6");
	assert_found(&cache, "libc.so.6", "/lib/libc.so.6");
	assert_found(&cache, "libcap", "/lib/libcap.so.2");
	assert_found(&cache, "libca", NULL);
	assert_found(&cache, "libc.so.7", NULL);
	assert_found(&cache, "libodd", NULL);
	assert_found(&cache, "libfast", "/lib/fast/libfast.so.1");
	assert_found(&cache, "", NULL);
}

static void older_table_in_front(void **state _unused_)
{
	_cleanup_str_ struct str cache = make_cache();
	_cleanup_str_ struct str both = STR_INIT;

	str_append_bytes(&both, "ld.so-1.7.0\0", 12);
	add_number(&both, 3);
	str_append_repeat(&both, 'x', 3 * 12);
	str_append_repeat(&both, '\0', 4); /* to a multiple of 8 */
	str_append_bytes(&both, cache.data, cache.length);
	assert_found(&both, "libc", "/lib/libc.so.6");
}

/* Each byte wrong in several ways, and the file cut off at each place. */
static void broken_caches_are_survived(void **state _unused_)
{
	_cleanup_str_ struct str cache = make_cache();
	size_t found = 0, cases = 0;

	for (size_t at = 0; at < cache.length; at++) {
		for (int bit = 0; bit < 8; bit++) {
			_cleanup_arena_ struct arena arena = ARENA_INIT;
			_cleanup_free_ char *copy = malloc(cache.length);

			memcpy(copy, cache.data, cache.length);
			copy[at] ^= (char)(1 << bit);
			found += ldcache_parse(copy, cache.length, arch_native(), "libc", &arena) !=
				 NULL;
			cases++;
		}

		_cleanup_arena_ struct arena arena = ARENA_INIT;
		_cleanup_free_ char *cut = malloc(at + 1);

		memcpy(cut, cache.data, at);
		ldcache_parse(cut, at, arch_native(), "libc", &arena);
	}
	assert_in_range(found, cases / 2, cases - 1);
}

static void the_live_cache(void **state _unused_)
{
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_arena_ struct arena arena = ARENA_INIT;

	assert_success(host_open_root("/", &host));
	if (!host_exists(&host, "/etc/ld.so.cache")) {
		print_message("no /etc/ld.so.cache\n");
		skip();
	}

	const char *path = ldcache_find(&host, "libc", &arena);

	assert_non_null(path);
	assert_true(host_exists(&host, path));
	assert_null(ldcache_find(&host, "libno_such_library", &arena));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_with_and_without_version),
		cmocka_unit_test(older_table_in_front),
		cmocka_unit_test(broken_caches_are_survived),
		cmocka_unit_test(the_live_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
