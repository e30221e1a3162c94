/* SPDX-License-Identifier: Apache-2.0 */
/* Where definitions come from: the kernel and its modules, or a file. */
#pragma once

#include <bpf/btf.h>
#include <stdint.h>

#include "libcommon/base/error.h"
#include "libcommon/base/vec.h"

struct kbtf;

struct source {
	const char *module; /* NULL: not of a module */
	struct btf *own;    /* freed by sources_deinit; NULL when borrowed */
	const struct btf *btf;
	uint32_t first; /* id of the first type of its own; those before it are the kernel's */
};

struct sources {
	VEC(struct source) items;
};

void sources_deinit(struct sources *sources);

/* The kernel's types, borrowed from kbtf. */
struct error *sources_add_kernel(struct sources *sources, struct kbtf *kbtf);

/*
 * The types of the modules that are loaded. A module whose types cannot be read is left out: it
 * may have been unloaded just now. Borrowed from kbtf. Does nothing without sources_add_kernel.
 */
void sources_add_modules(struct sources *sources, struct kbtf *kbtf);

/*
 * The types in an ELF file, in a file of BTF alone, or in a module's file, which needs the
 * kernel's from kbtf. Nothing in it is trusted.
 */
struct error *sources_add_file(struct sources *sources, const char *path, struct kbtf *kbtf);
