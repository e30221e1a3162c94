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

/* The same for several names (at most 64) in one walk: bit i is for names[i]. */
uint64_t kbtf_has_names(struct kbtf *kbtf, const char *const *names, size_t count);

/* The same for what the types of a module add to those of the kernel; false without them. */
bool kbtf_module_has_name(struct kbtf *kbtf, const char *module, const char *name);

/* Adds what follows prefix in every name (of any kind) of the kernel ("" as the module), or that a
 * module adds, that begins with it, in no order; none without BTF. Texts are in arena. */
void kbtf_names_after(struct kbtf *kbtf, const char *module, const char *prefix,
	struct arena *arena, host_names *ret);

/* The parsed BTF, borrowed; the same one each time. */
struct error *kbtf_btf(struct kbtf *kbtf, const struct btf **ret);

/*
 * The types of a module, borrowed; ids continue those of kbtf_btf, which it is based on. "" is the
 * kernel itself. Kernels before 5.11 have none.
 */
struct error *kbtf_module(struct kbtf *kbtf, const char *module, const struct btf **ret);

/* The modules that are loaded and have types, in byte order, borrowed. None when a path was given:
 * their types belong to the running kernel's. */
const host_names *kbtf_modules(struct kbtf *kbtf);

/* Appends a declaration as C has it, "struct file *file", of one of those types. */
struct error *kbtf_declare(
	struct kbtf *kbtf, const struct btf *btf, uint32_t type, const char *name, struct str *out);

/* The offset of a member in a struct of the kernel. */
struct kbtf_member {
	const char *type;
	const char *name;
	uint32_t bits; /* from the start of the struct */
	bool found;
};

/*
 * Finds all of them in one walk over the types: some milliseconds cheaper than parsing all types by
 * kbtf_btf. Fails unless all are found.
 */
struct error *kbtf_members(struct kbtf *kbtf, struct kbtf_member *members, size_t count);

/* The bytes of a struct of the kernel, by the same walk; 0: it has none of the name. */
uint32_t kbtf_size(struct kbtf *kbtf, const char *name);

/* A function of the kernel ("" as its module) or of a module, and its id among the types there. */
struct kbtf_function {
	const char *module;
	const char *name;
	uint32_t id; /* 0: not described */
};

/*
 * Finds all of them in one walk over the types of each module. One that is not described, as all of
 * a module without types, is no error; only missing types of the kernel are.
 */
struct error *kbtf_functions(struct kbtf *kbtf, struct kbtf_function *functions, size_t count);

/* The number of 64-bit words in which an argument of this type is passed, and of all arguments
 * of a function. */
uint32_t kbtf_words(const struct btf *btf, uint32_t type);
uint32_t kbtf_argument_words(const struct btf *btf, uint32_t function);

/* Whether kbtf_btf or kbtf_members answered: what was made then may fit this kernel only. */
bool kbtf_was_used(const struct kbtf *kbtf);

/* A number never 0 that is the same for the same BTF bytes only: identifies the kernel that code
 * was generated for. */
struct error *kbtf_identity(struct kbtf *kbtf, uint64_t *ret);
