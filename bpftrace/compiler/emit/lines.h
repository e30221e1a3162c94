/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <bpf/btf.h>

#include "emitter.h"

/*
 * The lines in .BTF.ext (data, changed in place) get texts that begin where the statement or
 * expression does, so that the verifier's log says which of a line's it was. The texts go into btf.
 */
void lines_point(struct emitter *e, struct btf *btf, void *data, size_t size);
