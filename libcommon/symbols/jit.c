/* SPDX-License-Identifier: Apache-2.0 */
#include "jit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/hashmap.h"
#include "perf_map.h"

enum {
	PROCESSES_MOST = 1024, /* whose root is kept */
	MAP_MOST = 256 << 20,  /* bytes that are read of a map */
};

struct jit {
	int32_t inner_pid; /* in the process's own pid namespace */
	uid_t user;        /* that it runs as */
	struct host root;
	struct symbol_table table;
	uint64_t size; /* of the map that was read */
};

struct jits {
	const struct host *host;
	struct hashmap processes; /* pid -> jit */
	VEC(struct jit *) all;
};

struct jits *jits_new(const struct host *host)
{
	struct jits *jits = xcalloc(1, sizeof(*jits));

	jits->host = host;
	return jits;
}

void jits_free(struct jits *jits)
{
	struct jit **jit;

	if (!jits)
		return;
	vec_for_each (&jits->all, jit) {
		symbol_table_deinit(&(*jit)->table);
		host_deinit(&(*jit)->root);
		free(*jit);
	}
	vec_deinit(&jits->all);
	hashmap_deinit(&jits->processes);
	free(jits);
}

/* The number in that column of a line of /proc/PID/status, the last one when there are fewer;
 * otherwise when there is no such line. */
static int64_t status_number(
	const char *status, const char *name, unsigned column, int64_t otherwise)
{
	const char *at = strstr(status, name);
	const char *end = at ? at + 1 + strcspn(at + 1, "\n") : NULL;
	const char *tab;

	for (unsigned i = 0; at && i < column; i++) {
		tab = memchr(at + 1, '\t', (size_t)(end - at - 1));
		if (!tab)
			break;
		at = tab;
	}
	return at && *at == '\t' ? strtol(at + 1, NULL, 10) : otherwise;
}

/* Reads the number in the innermost pid namespace, and the effective user ID. */
static void read_status(const struct host *host, int32_t pid, struct jit *jit)
{
	_cleanup_free_ char *path = xasprintf("/proc/%d/status", pid);
	_cleanup_str_ struct str status = STR_INIT;
	_cleanup_error_ struct error *error = host_read_file(host, path, &status);
	const char *text = error ? "" : str_text(&status);

	jit->inner_pid = (int32_t)status_number(text, "\nNSpid:", UINT_MAX, pid);
	jit->user = (uid_t)status_number(text, "\nUid:", 2, 0);
}

/* The process, with its root if that can be opened (now). */
static struct jit *keep(struct jits *jits, int32_t pid)
{
	void **slot = hashmap_slot(&jits->processes, &pid, sizeof(pid));

	if (*slot || jits->all.count >= PROCESSES_MOST)
		return *slot;

	struct jit *jit = xcalloc(1, sizeof(*jit));
	_cleanup_free_ char *path = xasprintf("/proc/%d/root", pid);

	read_status(jits->host, pid, jit);
	jit->root = HOST_INIT;
	error_free(host_open(jits->host, path, O_PATH | O_DIRECTORY, &jit->root.root_fd));
	vec_push(&jits->all, jit);
	*slot = jit;
	return jit;
}

void jits_keep(struct jits *jits, int32_t pid)
{
	keep(jits, pid);
}

/* Others may write to the folder, too. */
static bool is_of_process(const struct jit *jit, const struct stat *status)
{
	return status->st_uid == jit->user || status->st_uid == 0;
}

/* Reads the map when it is larger than at the last time. */
static void refresh(const struct jits *jits, struct jit *jit)
{
	_cleanup_free_ char *path = xasprintf("/tmp/perf-%d.map", jit->inner_pid);
	const struct host *root = jit->root.root_fd >= 0 ? &jit->root : jits->host;
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_close_ int fd = -1;
	struct stat status;
	_cleanup_error_ struct error *error = host_open(root, path, O_RDONLY | O_NONBLOCK, &fd);

	if (error || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) ||
		!is_of_process(jit, &status) || (uint64_t)status.st_size == jit->size ||
		status.st_size > MAP_MOST || str_read(&text, fd) != 0)
		return;
	symbol_table_deinit(&jit->table);
	jit->table = (struct symbol_table){};
	jit->size = (uint64_t)status.st_size;
	perf_map_parse(str_text(&text), text.length, &jit->table);
}

bool jits_find(struct jits *jits, int32_t pid, uint64_t address, struct symbol_found *ret)
{
	struct jit *jit = keep(jits, pid);

	if (!jit)
		return false;
	if (symbol_table_find(&jit->table, address, ret))
		return true;
	refresh(jits, jit);
	return symbol_table_find(&jit->table, address, ret);
}
