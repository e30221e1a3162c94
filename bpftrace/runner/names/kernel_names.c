/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Modules, programs of BPF and trampolines come and go: what is not the kernel itself is looked up
 * in symbols that were read some seconds ago.
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

/* Symbols that cannot be read leave those that were. */
static void read_symbols(struct kernel_names *names)
{
	bool is_first = !names->time;
	struct kallsyms *found = NULL;

	names->time = seconds();
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
		names->time = 1; /* long ago */
}

bool kernel_names_find(struct kernel_names *names, uint64_t address, struct kernel_symbol *ret)
{
	if (!prepare(names))
		return false;

	bool is_found = kallsyms_find(names->kallsyms, address, ret);

	if ((is_found && !*ret->module) || seconds() - names->time <= READ_AGAIN)
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

/* Programs of BPF are listed as if they were of modules of these names. */
static bool is_code_of_bpf(const char *module)
{
	return strcmp(module, "bpf") == 0 || strncmp(module, "__builtin__", 11) == 0;
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
