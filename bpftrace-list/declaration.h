/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions of types as C has them. */
#pragma once

#include "libcommon/host/declarator.h"

/* The name at an offset of the BTF's strings; "" where there is none. */
const char *declaration_name(const struct btf *btf, uint32_t offset);

/* Appends the definition of a typedef or a named enum; no newline at the end. */
struct error *declaration_write(struct declarator *declarator, uint32_t id, struct str *out);
