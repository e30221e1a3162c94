/* SPDX-License-Identifier: Apache-2.0 */
/* Names and lines of addresses of the kernel, read when they are needed first. */
#pragma once

#include "libcommon/base/hashmap.h"
#include "libcommon/host/host.h"
#include "libcommon/symbols/kallsyms.h"
#include "libcommon/symbols/kernel_lines.h"

struct kernel_names {
	const struct host *host;
	int kallsyms_fd;            /* -1: names of the kernel are not wanted */
	struct kallsyms *kallsyms;  /* NULL: not read, or hidden */
	int64_t time;               /* when they were read, in seconds; 0: never */
	int modules_fd;             /* of /proc/modules; -1 where there is none */
	uint64_t modules_hash;      /* what it held then */
	int64_t modules_time;       /* when it still held that */
	int vmlinux_fd;             /* the kernel's file that the user names; -1 */
	struct kernel_lines *lines; /* looked for when they are asked for first; NULL */
	bool has_read_lines;
	struct hashmap modules; /* name → struct module_entry */
	bool has_reported_module;
};

/* Reads the symbols ahead, unless that was done. */
void kernel_names_prepare(struct kernel_names *names);

/* As kallsyms_find; false when there are no names. */
bool kernel_names_find(struct kernel_names *names, uint64_t address, struct kernel_symbol *ret);

/*
 * As srclines_find, of the place so many bytes before an address that is of the symbol. NULL when
 * nothing is known; that a file is missing is reported once of the kernel, once of its modules.
 */
const struct srcline *kernel_names_lines(struct kernel_names *names, uint64_t address,
	uint64_t before, const struct kernel_symbol *symbol, size_t *ret_count);
