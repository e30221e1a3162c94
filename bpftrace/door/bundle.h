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

/* True when the bytes begin like an ELF object; `bpftrace FILE` distinguishes bundles from scripts
 * by it.
 */
bool bundle_is(const void *data, size_t size);

/* True when the bytes begin like an ELF program or library, not a BPF object. */
bool bundle_is_program(const void *data, size_t size);

struct error *bundle_read(const void *data, size_t size, struct arena *arena, struct bundle *ret);
void bundle_deinit(struct bundle *bundle);

/*
 * Refuses a bundle whose instructions call a helper that is not in helpers.def, or a function of
 * the kernel that is no helper, or that refers to symbols of the kernel. Unless its manifest says
 * that it was made with --unsafe and the runner was given --unsafe too (allowed), it may not run
 * commands, nor call a helper that changes what is traced.
 */
struct error *bundle_check_helpers(const struct bundle *bundle, bool allowed);

struct bpf_object;

/*
 * Refuses a bundle with a map that is neither named by the manifest nor one of state.h, or that has
 * an unexpected type, is pinned or has flags. object is the bundle, opened and not loaded yet.
 */
struct error *bundle_check_maps(const struct manifest *manifest, const struct bpf_object *object);

/* Whether any instruction calls the helper (BPF_FUNC_...). */
bool bundle_calls(const struct bundle *bundle, int32_t helper);
