/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Has the kernel look up addresses of its symbols, which takes it much less time than writing all
 * of /proc/kallsyms. ret[i] is 0 where there is no symbol of that name. False when the kernel
 * cannot (before 5.16) or may not (kernel.kptr_restrict), or a name is too long. Source:
 * bpf-helpers(7).
 */
bool symbol_lookup(const char *const *names, size_t count, uint64_t *ret);
