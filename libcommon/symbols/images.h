/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that processes have mapped, each once. Files are opened while a process that maps them
 * lives, since their paths may lead nowhere later (deleted files, roots of containers); symbols are
 * read when they are asked for first.
 */
#pragma once

#include "image.h"
#include "libcommon/elf/srclines.h"

struct images;

/* Identifies a file: by its build id, or by device and inode. */
struct image_key {
	const char *path;        /* as the process sees it */
	const uint8_t *build_id; /* NULL: not known */
	size_t build_id_size;
	uint32_t major, minor;
	uint64_t inode;
};

struct image_limits {
	size_t open_files; /* that are kept */
	size_t memory;     /* bytes of symbols; those that were not needed for longest go first */
	size_t lines;      /* bytes of debug information, likewise; 0: of one file at a time */
};

/* host is borrowed. */
struct images *images_new(const struct host *host, const struct image_limits *limits);
void images_free(struct images *images); /* NULL-safe */

/* The number of a file, which it gets when it is named first. */
uint32_t images_number(struct images *images, const struct image_key *key);

/* Whether the file has no descriptor, and opening has not failed for good. */
bool images_wants(const struct images *images, uint32_t number);

/* Opens the file by what the process has mapped from start to end, or by its path below the
 * process's root or ours, when that is the file meant. */
void images_open(struct images *images, uint32_t number, int32_t pid, uint64_t start, uint64_t end);

/* Its symbols, valid until the next call; NULL when the file could not be opened, or is none of
 * ELF. */
const struct image *images_get(struct images *images, uint32_t number);

/* Its debug information, valid until the next call; NULL when it has none. */
struct srclines *images_lines(struct images *images, uint32_t number);

/* The path of the file as the first process that mapped it saw it. */
const char *images_path(const struct images *images, uint32_t number);

/* Its build id, read from the file if need be; false when it has none. */
bool images_build_id(struct images *images, uint32_t number, struct build_id *ret);
