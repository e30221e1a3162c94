/* SPDX-License-Identifier: Apache-2.0 */
/* Values that are texts, or that user space makes into one. */
#pragma once

#include "render.h"

/* The bytes of such a value; as render_bytes. */
typedef const char *spell_fn(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length);

/* NULL when values of the type are no texts. */
spell_fn *spell_of(const struct types *types, uint32_t type);

/* The bytes of a buf as they are, and whether there were more; points into data or record. */
const char *spell_data(const struct render *render, uint32_t type, const void *data,
	size_t *ret_length, bool *ret_cut);

/* The text that marks what was cut. */
const char *spell_trailer(const struct render *render);
