/* SPDX-License-Identifier: Apache-2.0 */
/* Types as C declarations. */
#pragma once

#include <bpf/btf.h>
#include <stddef.h>
#include <stdint.h>

#include "libcommon/base/error.h"
#include "libcommon/base/str.h"

/* Writes declarations for the types of one BTF, which is borrowed. Made by declarator_make; the
 * caller deinits it. */
struct declarator {
	const struct btf *btf;
	struct btf_dump *dump; /* NULL before the first type */
	size_t spelled;        /* types by this dump */
	struct str text;
};

struct declarator declarator_make(const struct btf *btf);
void declarator_deinit(struct declarator *declarator);

/* Sets *ret to a declaration of name (may be empty), "char comm[16]", "char [16]", valid until the
 * next call. depth: tabs before the second and further lines, of anonymous types. */
struct error *declarator_spell(struct declarator *declarator, uint32_t type, const char *name,
	unsigned depth, const char **ret);
