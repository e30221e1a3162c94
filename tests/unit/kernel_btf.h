/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the kernel takes a BTF: its verifier is the judge of what types make. */
#pragma once

#include "tests/unit/unit.h"

#include <bpf/btf.h>
#include <errno.h>

/* Skips the test where loading is not permitted. */
static inline void assert_kernel_takes(const struct btf *btf)
{
	int error = btf__load_into_kernel((struct btf *)btf);

	if (error == -EPERM) {
		print_message("loading BTF is not permitted here\n");
		skip();
	}
	assert_int_equal(error, 0);
}
