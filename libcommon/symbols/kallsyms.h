/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Symbols of the running kernel by their addresses, in little memory: some 30 bytes for each.
 * Source: /proc/kallsyms, whose lines are "ADDRESS TYPE NAME[\t[MODULE]]" with the types of nm(1);
 * programs of BPF and trampolines are among them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/error.h"

struct kallsyms;

struct kernel_symbol {
	const char *name;
	const char *module; /* "" for the kernel itself */
	uint64_t offset;    /* of the address, from where the symbol begins */
};

/*
 * Reads all symbols from a descriptor of /proc/kallsyms, which the caller closes. Fails with EPERM
 * when the addresses are hidden (kptr_restrict), which they are unless the file was opened with
 * CAP_SYSLOG. The caller frees *ret.
 */
struct error *kallsyms_read(int fd, struct kallsyms **ret);
void kallsyms_free(struct kallsyms *symbols); /* NULL-safe */

/* The symbol that an address belongs to; texts are valid until kallsyms_free. */
bool kallsyms_find(const struct kallsyms *symbols, uint64_t address, struct kernel_symbol *ret);

/* The address of a symbol; module NULL: of any. Of several with the name, that with the lowest. */
bool kallsyms_address(
	const struct kallsyms *symbols, const char *module, const char *name, uint64_t *ret);
