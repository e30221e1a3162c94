/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel's types say of the arguments that a program finds in the words of its context. */
#pragma once

#include "probe.h"

/* The parameters of a function, of the BTF that it is in. */
struct signature {
	const struct btf *btf;
	const struct btf_type *prototype;
	uint32_t first;  /* parameters before this one are not shown */
	bool has_result; /* the return value follows them, as "retval", unless it is void */
};

/* The prototype of a BTF function. */
const struct btf_type *signature_prototype(const struct btf *btf, uint32_t function);

/* The struct of `args`, called name: each parameter begins at a word. A parameter without a name is
 * called arg0, arg1 … by its place among those shown. */
uint32_t signature_args(const struct signature *signature, const char *name, struct types *types);

/* Appends a line for each, "    struct file *file". */
struct error *signature_declare(
	const struct signature *signature, struct kbtf *kbtf, struct str *out);
