/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine that is traced, as a tree of files. Every path below "/" is opened through it, so
 * that tests run on a fixture tree and the compiler works for another machine on its captured
 * files. With a root other than "/" no path, "..", or symbolic link leads out of the tree
 * (openat2(2), RESOLVE_IN_ROOT).
 */
#pragma once

#include <stdbool.h>

#include "libcommon/base/arena.h"
#include "libcommon/base/error.h"
#include "libcommon/base/str.h"
#include "libcommon/base/vec.h"

struct host {
	int root_fd;
	bool live; /* the root is the running system's own */
};

#define HOST_INIT ((struct host){.root_fd = -1})

/* Opens the directory path as root; the caller deinits *ret. */
struct error *host_open_root(const char *path, struct host *ret);
void host_deinit(struct host *host);

/* Whether the tree is the running system, so that its processes and kernel can be asked directly.
 */
bool host_is_live(const struct host *host);

/*
 * Opens path (absolute) as open(2) would below the root; O_CLOEXEC is added, nothing is created.
 * Errors are "path: reason" with the errno.
 */
struct error *host_open(const struct host *host, const char *path, int flags, int *ret_fd);

/* Whether the path leads to anything. */
bool host_exists(const struct host *host, const char *path);

/* Appends the whole file to out, which is unchanged on failure. */
struct error *host_read_file(const struct host *host, const char *path, struct str *out);

typedef VEC(const char *) host_names;

/* Adds the names in a directory to *ret in byte order, without "." and ".."; texts are in arena. */
struct error *host_read_dir(
	const struct host *host, const char *path, struct arena *arena, host_names *ret);

#define _cleanup_host_ _cleanup_(host_deinit)
