/* SPDX-License-Identifier: Apache-2.0 */
/* Sources of type definitions: the kernel and its modules, or a file. */
#pragma once

#include <bpf/btf.h>
#include <stdint.h>

#include "declaration.h"
#include "libcommon/base/error.h"
#include "libcommon/base/vec.h"

struct kbtf;

struct source {
	const char *module; /* NULL: not of a module */
	struct btf *own;    /* freed by sources_deinit; NULL when borrowed */
	const struct btf *btf;
	uint32_t first;               /* id of its first own type; lower ids are the kernel's */
	struct declarator declarator; /* of btf */
};

struct sources {
	VEC(struct source) items;
};

void sources_deinit(struct sources *sources);

/* Adds the kernel's types, borrowed from kbtf. */
struct error *sources_add_kernel(struct sources *sources, struct kbtf *kbtf);

/*
 * Adds the types of loaded modules, borrowed from kbtf. Skips a module whose types cannot be read,
 * as it can have been unloaded meanwhile. Does nothing without sources_add_kernel.
 */
void sources_add_modules(struct sources *sources, struct kbtf *kbtf);

/*
 * Adds the types of an ELF file, a raw BTF file, or a module's file, which needs the kernel's types
 * from kbtf. The file is not trusted: btf_check validates it.
 */
struct error *sources_add_file(struct sources *sources, const char *path, struct kbtf *kbtf);
