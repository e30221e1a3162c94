/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine that is traced, as a tree of files. Every path below "/" is opened through it, so
 * that tests run on a fixture tree and the compiler works for another machine on its captured
 * files. With a root other than "/" no path, "..", or symbolic link leads out of the tree
 * (openat2(2), RESOLVE_IN_ROOT).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/arena.h"
#include "libcommon/base/error.h"
#include "libcommon/base/str.h"
#include "libcommon/base/vec.h"

/* What an opener can open. */
enum host_wanted {
	HOST_FILE,      /* a file, for reading */
	HOST_DIRECTORY, /* a directory */
	HOST_NAMES,     /* a file with the names in a directory, each ended by a NUL */
	HOST_PROCESSES, /* a file that describes what processes have mapped; without a path */
	HOST_ROOT,      /* the directory of a root in it; without a path */
	NR_HOST_WANTED,
};

/* Opens what this process itself is not permitted to. */
struct processes;

struct host_opener {
	/* root: the number of the host; path: absolute, or as the user names it. Returns a
	 * descriptor or a negative errno value: -ENOEXEC for a file that may be read but whose
	 * content is not for this process, -ENOLINK when nothing answers. */
	int (*open)(const struct host_opener *opener, uint32_t root, const char *path,
		enum host_wanted wanted); /* may be NULL */

	/* What the process of -p has mapped, or without -p all processes; read when first called
	 * for. Owned by the opener; NULL when it cannot be read. May be NULL. */
	const struct processes *(*processes)(const struct host_opener *opener);

	/* The file with the symbols of the program or library of a build id, from somewhere else
	 * than this machine: a descriptor, or -1. Its content may be anything. May be NULL. */
	int (*debug_file)(
		const struct host_opener *opener, const unsigned char *build_id, size_t size);
};

struct arch;

struct host {
	int root_fd;   /* -1: not open in this process, paths are opened by the opener */
	bool live;     /* the root is the running system's own */
	uint32_t root; /* by what number the opener refers to it; 0: the system's own */
	const struct host_opener *opener; /* borrowed; NULL: there is none */
	const struct arch *arch;          /* NULL: that of the running machine */
};

#define HOST_INIT ((struct host){.root_fd = -1})

/* Opens the directory path as root; the caller deinits *ret. */
struct error *host_open_root(const char *path, struct host *ret);
void host_deinit(struct host *host);

/* Whether the tree is the running system, whose processes and kernel can be inspected directly. */
bool host_is_live(const struct host *host);

/* Returns the architecture of the machine, never NULL. */
const struct arch *host_arch(const struct host *host);

/*
 * Opens path (absolute) as open(2) would below the root; O_CLOEXEC is added, nothing is created.
 * The host's opener opens files that this process may not open. Errors are "path: reason" with the
 * errno.
 */
struct error *host_open(const struct host *host, const char *path, int flags, int *ret_fd);

/* Opens for reading a file that the user names for this machine: not below the root, and relative
 * to the working directory. */
struct error *host_open_named(const struct host *host, const char *path, int *ret_fd);

/* Whether the path leads to anything. */
bool host_exists(const struct host *host, const char *path);

/* Appends the whole file to out, which is unchanged on failure. Devices but /dev/null, and FIFOs,
 * are refused (ENODEV). */
struct error *host_read_file(const struct host *host, const char *path, struct str *out);

/* What the host's opener has read of processes; NULL when there is none, or it cannot. */
const struct processes *host_processes(const struct host *host);

/* What the host's opener has for a build id; -1: nothing, or there is none. */
int host_debug_file(const struct host *host, const unsigned char *build_id, size_t size);

typedef VEC(const char *) host_names;

/* Adds the names in a directory to *ret in byte order, without "." and ".."; texts are in arena. */
struct error *host_read_dir(
	const struct host *host, const char *path, struct arena *arena, host_names *ret);

/* The same for a directory that the user names for this machine, as host_open_named(). */
struct error *host_read_named_dir(
	const struct host *host, const char *path, struct arena *arena, host_names *ret);

#define _cleanup_host_ _cleanup_(host_deinit)
