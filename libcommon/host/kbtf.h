/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types of the kernel, opened once and as late as possible. Asking for names reads only the
 * string section and parses nothing; the full BTF is parsed when somebody needs a type.
 * Format: Documentation/bpf/btf.rst of the kernel.
 */
#pragma once

#include <bpf/btf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host.h"

struct kbtf;

/*
 * path NULL: the running kernel's own, /sys/kernel/btf/vmlinux; else a raw BTF file, which is
 * opened outside of the host's tree, as a user names it. Nothing is opened yet. host is borrowed.
 */
struct kbtf *kbtf_new(const struct host *host, const char *path);
void kbtf_free(struct kbtf *kbtf); /* NULL-safe; what kbtf_btf returned is gone with it */

/* Whether anything of this name (enumerator, type, function, member) occurs; false without BTF. */
bool kbtf_has_name(struct kbtf *kbtf, const char *name);

/* The same for several names (at most 64) in one walk: bit i stands for names[i]. */
uint64_t kbtf_has_names(struct kbtf *kbtf, const char *const *names, size_t count);

/* The parsed BTF, borrowed; the same one each time. */
struct error *kbtf_btf(struct kbtf *kbtf, const struct btf **ret);

/*
 * Where a member stands in a struct, in bits: for the one question that does not deserve parsing
 * everything. One walk over the types, some milliseconds cheaper than kbtf_btf.
 */
struct error *kbtf_member(
	struct kbtf *kbtf, const char *name, const char *member, uint32_t *ret_bits);

/* A number never 0 that is the same for the same BTF bytes only: which kernel code was made for. */
struct error *kbtf_identity(struct kbtf *kbtf, uint64_t *ret);
