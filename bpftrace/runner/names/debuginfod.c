/* SPDX-License-Identifier: Apache-2.0 */
#include "debuginfod.h"

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/str.h"

enum {
	STALL_S = 10,
	TOTAL_S = 300,
	STALL_BYTES = 100 << 10, /* as the library has it */
};

#define BYTES_MOST ((uint64_t)4 << 30)
#define LIBRARY    "libdebuginfod.so.1"

/* The library's own type. */
struct client;

/* The functions of the library. Their names are those of its symbols. */
static struct {
	void *handle;
	struct client *client;
	struct client *(*begin)(void);
	int (*find)(struct client *client, const unsigned char *build_id, int size, char **path);
	void (*set_progress)(struct client *client, int (*progress)(struct client *, long, long));
} library;

/* The file that is being fetched. */
static struct {
	struct debuginfod_limits limits;
	bool (*is_cancelled)(void);
	uint64_t begin; /* milliseconds */
	uint64_t since; /* when it had so many bytes: */
	uint64_t bytes;
	int reason; /* why it was ended by progress; 0: it was not */
} fetch;

/* --- limits --- */

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	char *end;
	unsigned long number = text ? strtoul(text, &end, 10) : 0;

	return text && end != text && !*end && number < INT32_MAX ? number : otherwise;
}

struct debuginfod_limits debuginfod_limits(void)
{
	uint64_t total = from_environment("DEBUGINFOD_MAXTIME", TOTAL_S);
	uint64_t bytes = from_environment("DEBUGINFOD_MAXSIZE", 0);

	return (struct debuginfod_limits){
		.stall_ms = from_environment("DEBUGINFOD_TIMEOUT", STALL_S) * 1000,
		.total_ms = (total ? total : TOTAL_S) * 1000,
		.bytes = bytes ? bytes : BYTES_MOST,
	};
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int reason_to_end(uint64_t now)
{
	const struct debuginfod_limits *limits = &fetch.limits;

	if (fetch.is_cancelled())
		return ECANCELED;
	if (fetch.bytes > limits->bytes)
		return EFBIG;
	if (limits->stall_ms && now - fetch.since > limits->stall_ms)
		return ETIME;
	return now - fetch.begin > limits->total_ms ? ETIME : 0;
}

/* done counts bytes from when a server answers, and rounds of waiting before. */
static int progress(struct client *client _unused_, long done, long total _unused_)
{
	uint64_t now = now_ms();

	if (done > 0 && (uint64_t)done >= fetch.bytes + STALL_BYTES) {
		fetch.bytes = (uint64_t)done;
		fetch.since = now;
	}
	fetch.reason = reason_to_end(now);
	return fetch.reason != 0;
}

/* --- the library --- */

static bool find_function(const char *name, void *ret)
{
	void *function = dlsym(library.handle, name);

	*(void **)ret = function;
	return function != NULL;
}

static struct error *load_library(void)
{
	if (library.client)
		return NULL;
	library.handle = dlopen(LIBRARY, RTLD_NOW);
	if (!library.handle)
		return error_new(ELIBACC,
			"%s is missing, install libdebuginfod1 or "
			"elfutils-debuginfod-client",
			LIBRARY);
	if (!find_function("debuginfod_begin", &library.begin) ||
		!find_function("debuginfod_find_debuginfo", &library.find) ||
		!find_function("debuginfod_set_progressfn", &library.set_progress))
		return error_new(ELIBACC, "%s lacks functions", LIBRARY);
	library.client = library.begin();
	if (!library.client)
		return error_new(ELIBACC, "%s cannot be used", LIBRARY);
	library.set_progress(library.client, progress);
	return NULL;
}

/* --- misses --- */

/* An empty file in the cache keeps the library from asking again for ten minutes. It makes one also
 * when progress has ended a fetch. */
static void forget_miss(const unsigned char *build_id, size_t size)
{
	static const struct {
		const char *variable, *folder;
	} places[] = {
		{"DEBUGINFOD_CACHE_PATH", ""},
		{"XDG_CACHE_HOME", "/debuginfod_client"},
		{"HOME", "/.cache/debuginfod_client"},
		{"HOME", "/.debuginfod_client_cache"},
	};
	_cleanup_str_ struct str name = STR_INIT;

	for (size_t i = 0; i < size; i++)
		str_printf(&name, "%02x", build_id[i]);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const char *base = getenv(places[i].variable);
		_cleanup_free_ char *path = xasprintf(
			"%s%s/%s/debuginfo", base ? base : "", places[i].folder, str_text(&name));
		struct stat status;

		if (base && stat(path, &status) == 0 && status.st_size == 0)
			unlink(path);
	}
}

static struct error *make_error(int number)
{
	switch (fetch.reason) {
	case ECANCELED: return error_new(ECANCELED, "interrupted");
	case EFBIG:
		return error_new(EFBIG,
			"a server sends more than %" PRIu64 " bytes "
			"(DEBUGINFOD_MAXSIZE)",
			fetch.limits.bytes);
	case ETIME:
		return error_new(ETIME, "a server takes too long (DEBUGINFOD_TIMEOUT, "
					"DEBUGINFOD_MAXTIME)");
	default: return error_system(number, "a server of DEBUGINFOD_URLS");
	}
}

struct error *debuginfod_find(
	const unsigned char *build_id, size_t size, bool (*is_cancelled)(void), int *ret_fd)
{
	struct error *error = load_library();
	uint64_t now = now_ms();

	if (error)
		return error;
	fetch.limits = debuginfod_limits();
	fetch.is_cancelled = is_cancelled;
	fetch.begin = fetch.since = now;
	fetch.bytes = 0;
	fetch.reason = 0;

	int fd = library.find(library.client, build_id, (int)size, NULL);

	if (fd < 0 && fetch.reason)
		forget_miss(build_id, size);
	if (fd < 0)
		return make_error(-fd);
	*ret_fd = fd;
	return NULL;
}
