/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Type information from an unknown hand. libbpf checks that the records of .BTF fit their section;
 * what else code relies on that walks types is checked here.
 */
#pragma once

#include <bpf/btf.h>

#include "libcommon/base/error.h"

/*
 * Fails unless every name and type number is in range, what must have a name has one, no type
 * contains itself by value or through a chain of qualifiers and typedefs, and every size fits into
 * 32 bits.
 */
struct error *btf_check(const struct btf *btf);
