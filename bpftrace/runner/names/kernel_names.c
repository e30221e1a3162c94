/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Modules, programs of BPF and trampolines come and go: what is not the kernel itself is looked up
 * in symbols that were read some seconds ago, or since modules came or went. To read all symbols
 * takes longer than to name thousands of stacks.
 */
#include "kernel_names.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/attributes.h"
#include "libcommon/base/log.h"
#include "libcommon/host/procfs.h"
#include "libcommon/symbols/module_lines.h"

enum { READ_AGAIN = 10 }; /* seconds */

/* --- symbols --- */

static int64_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return MAX(now.tv_sec, 1);
}

/* FNV-1a */
static uint64_t add_bytes(uint64_t hash, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3;
	return hash;
}

/* Over the name, which comes first, and the address, the word that begins with "0x": what stands
 * between them changes as modules are used. */
static uint64_t add_module(uint64_t hash, const char *line)
{
	const char *address = strstr(line, " 0x");

	hash = add_bytes(hash, line, strcspn(line, " "));
	return address ? add_bytes(hash, address, 1 + strcspn(address + 1, " ")) : hash;
}

/* Which modules are loaded, and where, as a number; 0 when that is not known. */
static uint64_t hash_modules(int fd)
{
	_cleanup_str_ struct str list = STR_INIT;
	uint64_t hash = 0xcbf29ce484222325;
	char block[4096], *save = NULL;
	ssize_t size;

	if (fd < 0 || lseek(fd, 0, SEEK_SET) != 0)
		return 0;
	while ((size = TEMP_FAILURE_RETRY(read(fd, block, sizeof(block)))) > 0)
		str_append_bytes(&list, block, (size_t)size);
	if (size < 0 || !list.data)
		return 0;
	for (char *line = strtok_r(list.data, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save))
		hash = add_module(hash, line);
	return hash;
}

/* Whether those that were loaded when symbols were read still are, and no other. */
static bool has_same_modules(struct kernel_names *names)
{
	if (seconds() - names->modules_time <= READ_AGAIN)
		return true;

	uint64_t hash = hash_modules(names->modules_fd);

	if (!hash || hash != names->modules_hash)
		return false;
	names->modules_time = seconds();
	return true;
}

/* Programs of BPF and trampolines are listed as if they were of modules of these names. */
static bool is_code_of_bpf(const char *module)
{
	static const char builtin[] = "__builtin__";

	return strcmp(module, "bpf") == 0 || strncmp(module, builtin, strlen(builtin)) == 0;
}

/* Symbols that cannot be read leave those that were. */
static void read_symbols(struct kernel_names *names)
{
	bool is_first = !names->time;
	struct kallsyms *found = NULL;

	names->modules_hash = hash_modules(names->modules_fd);
	names->time = names->modules_time = seconds();
	(void)lseek(names->kallsyms_fd, 0, SEEK_SET);

	_cleanup_error_ struct error *error = kallsyms_read(names->kallsyms_fd, &found);

	if (error && is_first)
		log_warning("addresses of the kernel are shown without names: %s", error->message);
	if (error)
		return;
	kallsyms_free(names->kallsyms);
	names->kallsyms = found;
}

/* Whether there are any. */
static bool prepare(struct kernel_names *names)
{
	if (!names->time)
		read_symbols(names);
	return names->kallsyms;
}

void kernel_names_prepare(struct kernel_names *names)
{
	if (prepare(names))
		names->time = names->modules_time = 1 - READ_AGAIN; /* long ago */
}

bool kernel_names_find(struct kernel_names *names, uint64_t address, struct kernel_symbol *ret)
{
	if (!prepare(names))
		return false;

	bool is_found = kallsyms_find(names->kallsyms, address, ret);

	if ((is_found && !*ret->module) || seconds() - names->time <= READ_AGAIN ||
		(is_found && !is_code_of_bpf(ret->module) && has_same_modules(names)))
		return is_found;
	read_symbols(names);
	return kallsyms_find(names->kallsyms, address, ret);
}

/* --- lines --- */

static void report_missing(const struct kernel_names *names)
{
	_cleanup_str_ struct str release = STR_INIT;

	if (names->vmlinux_fd >= 0) {
		log_warning("frames of the kernel are shown without lines: the file that "
			    "BPFTRACE_VMLINUX names is not that of the running kernel, or has no "
			    "debug information");
		return;
	}
	error_free(procfs_release(names->host, &release));
	log_warning("frames of the kernel are shown without lines: its debug information was not "
		    "found; install it (on Debian the package linux-image-%s-dbg), or name its "
		    "file by BPFTRACE_VMLINUX",
		str_text(&release));
}

static void open_lines(struct kernel_names *names)
{
	names->has_read_lines = true;
	names->lines = kernel_lines_open(names->host, names->vmlinux_fd, names->kallsyms);
	if (!names->lines)
		report_missing(names);
}

/* A module that was looked for; without lines when they were not found. */
struct module_entry {
	struct module_lines *lines;
};

static void report_missing_module(struct kernel_names *names, const char *module)
{
	if (!names->has_reported_module)
		log_warning("frames of the kernel's module '%s' are shown without lines: its "
			    "debug information was not found below /usr/lib/debug/lib/modules "
			    "or /lib/modules",
			module);
	names->has_reported_module = true;
}

/* NULL when there are none. */
static struct module_lines *lines_of_module(struct kernel_names *names, const char *module)
{
	void **slot = hashmap_slot(&names->modules, module, strlen(module));
	struct module_entry *entry = *slot;

	if (!entry) {
		*slot = entry = xcalloc(1, sizeof(*entry));
		entry->lines = module_lines_open(names->host, module);
		if (!entry->lines)
			report_missing_module(names, module);
	}
	return entry->lines;
}

const struct srcline *kernel_names_lines(struct kernel_names *names, uint64_t address,
	uint64_t before, const struct kernel_symbol *symbol, size_t *ret_count)
{
	if (is_code_of_bpf(symbol->module))
		return NULL;
	if (*symbol->module) {
		struct module_lines *lines = lines_of_module(names, symbol->module);

		return lines ? module_lines_find(
				       lines, symbol->name, symbol->offset - before, ret_count)
			     : NULL;
	}
	if (!names->has_read_lines)
		open_lines(names);
	return names->lines ? kernel_lines_find(names->lines, address - before, ret_count) : NULL;
}
