/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Untrusted type information. libbpf checks that the records of .BTF fit their section; what else
 * code requires that iterates over types is checked here.
 */
#pragma once

#include <bpf/btf.h>

#include "libcommon/base/error.h"

/*
 * Fails unless every name and type number is in range, what must have a name has one, no type
 * contains itself by value or through a chain of qualifiers and typedefs, every size fits into
 * 32 bits, and all types together are spelled in less than 256 MiB. The types that btf is based on
 * must have been checked before.
 */
struct error *btf_check(const struct btf *btf);
