/* SPDX-License-Identifier: Apache-2.0 */
/* Mapped files of processes, as the runner reports them to the compiler (HOST_PROCESSES): JSON.
 * Descriptors of root directories are requested by the number of the root (HOST_ROOT). */
#pragma once

#include "libcommon/base/json.h"
#include "libcommon/host/process.h"

/* The caller owns the result. */
json_t *process_list_to_json(const struct processes *processes);

/*
 * Texts are in arena. Roots have no descriptor (-1) and the number by which openers know them.
 * Returns an error for any malformed member, *ret is then unchanged; the caller deinits *ret.
 */
struct error *process_list_from_json(
	const json_t *json, struct arena *arena, struct processes *ret);
