/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file is a header, an array of entries and the texts that entries refer to by their offset
 *from the header:
 *
 *	"glibc-ld.so.cache" "1.1"   20 bytes
 *	entries, bytes of text       4 + 4
 *	byte order, extensions …    20
 *	entry                       24 each: flags 4, key 4, value 4, unused 4, hwcap 8
 *
 * Key is the library's file name, value its path; numbers are in the machine's byte order. Before
 * glibc 2.32 an older table stood in front of all that: "ld.so-1.7.0", padding, the number of its
 * entries, and these with 12 bytes each; what follows is aligned to 8.
 */
#include "ldcache.h"

#include <stdint.h>
#include <string.h>

#include "libcommon/host/arch.h"

enum {
	HEADER_SIZE = 48,
	HEADER_COUNT = 20,
	ENTRY_SIZE = 24,
	ENTRY_KEY = 4,
	ENTRY_VALUE = 8,
	ENTRY_HWCAP = 16,
	OLD_HEADER_SIZE = 16,
	OLD_HEADER_COUNT = 12,
	OLD_ENTRY_SIZE = 12,
	FLAG_GLIBC = 0x0003, /* for the C library of this format */
};

static const char magic[] = "glibc-ld.so.cache1.1";
static const char old_magic[] = "ld.so-1.7.0";

/* The flags that entries of an architecture carry besides FLAG_GLIBC. */
static const struct {
	const char *arch;
	uint32_t flags;
} arch_flags[] = {
	{"x86_64", 0x0300},
	{"aarch64", 0x0a00},
};

/* The part of the file that offsets count from. */
struct cache {
	const char *data;
	size_t size;
};

static uint32_t number_at(struct cache cache, size_t offset)
{
	uint32_t number;

	memcpy(&number, cache.data + offset, sizeof(number));
	return number;
}

/* A text inside of the file, "" where there is none. */
static const char *text_at(struct cache cache, uint32_t offset)
{
	if (offset >= cache.size || !memchr(cache.data + offset, '\0', cache.size - offset))
		return "";
	return cache.data + offset;
}

static bool has_magic(struct cache cache, const char *wanted)
{
	return cache.size >= strlen(wanted) && memcmp(cache.data, wanted, strlen(wanted)) == 0;
}

/* Drops the older table, if there is one. */
static struct cache skip_old(struct cache cache)
{
	if (!has_magic(cache, old_magic) || cache.size < OLD_HEADER_SIZE)
		return cache;

	uint64_t end =
		OLD_HEADER_SIZE + (uint64_t)number_at(cache, OLD_HEADER_COUNT) * OLD_ENTRY_SIZE;

	end = MIN(ALIGN_UP(end, 8), cache.size);
	return (struct cache){cache.data + end, cache.size - end};
}

static bool is_for(const struct arch *arch, uint32_t flags)
{
	for (size_t i = 0; i < ARRAY_SIZE(arch_flags); i++) {
		if (strcmp(arch_flags[i].arch, arch->name) == 0)
			return flags == (arch_flags[i].flags | FLAG_GLIBC);
	}
	return (flags & 0xff) == FLAG_GLIBC;
}

/* "libc", "libc.so" and "libc.so.6" all mean "libc.so.6". */
static bool is_meant(const char *key, const char *name)
{
	size_t length = strlen(name);

	if (strncmp(key, name, length) != 0)
		return false;
	if (strstr(name, ".so"))
		return key[length] == '\0' || key[length] == '.';
	return strncmp(key + length, ".so", 3) == 0;
}

/* Libraries for CPUs with special abilities come before the baseline one, which every CPU can
 * run. */
static bool is_plain(struct cache cache, size_t entry)
{
	return number_at(cache, entry + ENTRY_HWCAP) == 0 &&
	       number_at(cache, entry + ENTRY_HWCAP + 4) == 0;
}

const char *ldcache_parse(const char *data, size_t size, const struct arch *arch, const char *name,
	struct arena *arena)
{
	struct cache cache = skip_old((struct cache){data, size});
	const char *found = NULL;

	if (!has_magic(cache, magic) || cache.size < HEADER_SIZE)
		return NULL;

	size_t count = MIN(
		(size_t)number_at(cache, HEADER_COUNT), (cache.size - HEADER_SIZE) / ENTRY_SIZE);

	for (size_t i = 0; i < count; i++) {
		size_t entry = HEADER_SIZE + i * ENTRY_SIZE;
		const char *path = text_at(cache, number_at(cache, entry + ENTRY_VALUE));

		if (!is_for(arch, number_at(cache, entry)) || *path != '/' ||
			!is_meant(text_at(cache, number_at(cache, entry + ENTRY_KEY)), name))
			continue;
		if (is_plain(cache, entry))
			return arena_strdup(arena, path);
		if (!found)
			found = arena_strdup(arena, path);
	}
	return found;
}

const char *ldcache_find(const struct host *host, const char *name, struct arena *arena)
{
	_cleanup_str_ struct str cache = STR_INIT;
	_cleanup_error_ struct error *error = host_read_file(host, "/etc/ld.so.cache", &cache);

	return error ? NULL : ldcache_parse(cache.data, cache.length, host_arch(host), name, arena);
}
