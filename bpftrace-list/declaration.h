/* SPDX-License-Identifier: Apache-2.0 */
/* Types as C spells them. */
#pragma once

#include <bpf/btf.h>
#include <stdint.h>

#include "libcommon/base/error.h"
#include "libcommon/base/str.h"

/* Appends the definition of a type that has a name, without those it needs and without a line feed
 * at its end. */
struct error *declaration_write(const struct btf *btf, uint32_t id, struct str *out);

/* Spells many types of one BTF, which is borrowed. */
struct declarator {
	struct btf_dump *dump;
	struct str text;
};

struct error *declarator_init(struct declarator *declarator, const struct btf *btf);
void declarator_deinit(struct declarator *declarator);

/* A declaration of name, which may be empty: "char comm[16]", "char [16]"; valid until the next
 * call. */
struct error *declarator_spell(
	struct declarator *declarator, uint32_t type, const char *name, const char **ret);
