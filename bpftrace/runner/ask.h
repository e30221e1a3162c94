/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the compiler about a script that is not run. */
#pragma once

#include <stddef.h>

#include "bpftrace/door/request.h"
#include "libcommon/base/arena.h"

/* *ret_data stays mapped until this process ends. The error ECANCELED: the compiler has reported
 * what is wrong with the script. */
struct error *ask_compiler(const struct request *request, struct arena *arena,
	const void **ret_data, size_t *ret_size);
