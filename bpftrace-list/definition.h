/* SPDX-License-Identifier: Apache-2.0 */
/* Types of the kernel as C. */
#pragma once

#include <bpf/btf.h>
#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/error.h"
#include "libcommon/base/str.h"

/* True for "struct NAME", "union NAME" and "enum NAME"; *ret_kinds has a bit for each BTF_KIND it
 * can be, *ret_name points into text. */
bool definition_parse(const char *text, uint32_t *ret_kinds, const char **ret_name);

/* "struct", "union" or "enum". */
const char *definition_keyword(const struct btf_type *type);

/* Appends the definition, without those it needs and without a line feed at its end. */
struct error *definition_write(const struct btf *btf, uint32_t id, struct str *out);
