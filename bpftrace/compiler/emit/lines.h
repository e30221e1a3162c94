/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <bpf/btf.h>

#include "emitter.h"

/*
 * Fills the statements of the manifest with those that the lines in .BTF.ext (data, changed in
 * place) stand for, and gives the lines their texts and places in the sources. The texts go into
 * btf.
 */
void lines_point(struct emitter *e, struct btf *btf, void *data, size_t size);
