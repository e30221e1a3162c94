/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bundle: a BPF ELF object with the manifest in a section of its own. Reading treats it as
 * hostile input (libelf plus bounds checks).
 */
#pragma once

#include "manifest.h"

struct bundle {
	const void *data; /* the whole object, borrowed */
	size_t size;
	struct manifest manifest;
	struct types *types; /* of its .BTF */
};

/* True when the bytes begin like an ELF object: how `bpftrace FILE` tells a bundle from a script.
 */
bool bundle_is(const void *data, size_t size);

struct error *bundle_read(const void *data, size_t size, struct arena *arena, struct bundle *ret);
void bundle_deinit(struct bundle *bundle);

/*
 * Refuses a bundle that runs commands, or whose instructions call a helper that changes what is
 * traced or a function of the kernel that is no helper, unless its manifest says that it was made
 * with --unsafe and the runner was given --unsafe too (allowed).
 */
struct error *bundle_check_helpers(const struct bundle *bundle, bool allowed);

/* Whether any instruction calls the helper (BPF_FUNC_...). */
bool bundle_calls(const struct bundle *bundle, int32_t helper);
