/* SPDX-License-Identifier: Apache-2.0 */
/* Values that are texts, or that user space makes into one. */
#pragma once

#include "bpftrace/runner/names/names.h"
#include "value.h"

/* The bytes of such a value; as value_bytes. */
typedef const char *spell_fn(const struct value *value, size_t *ret_length);

/* NULL when values of the type are no texts. */
spell_fn *spell_of(const struct types *types, uint32_t type);

/* The bytes of a buf as they are, and whether there were more; points into data or record. */
const char *spell_data(const struct value *value, size_t *ret_length, bool *ret_cut);

/* The text that marks a truncated string or buf; may be "". */
const char *spell_trailer(const struct value_reader *reader);

bool spell_is_stack(const struct types *types, uint32_t type);

/* The frames of a stack, valid until the next value is spelled; false for values of other types. */
bool spell_stack(const struct value *value, struct sink_stack *ret);

/* Describes the frames of a stack to a sink; false for values of other types. */
bool spell_frames(const struct value *value, struct sink *sink);

/* The kind of names that values of the type are shown by, NR_NAME_KINDS for none; the key of such
 * a value's. */
enum name_kind spell_name_kind(const struct types *types, uint32_t type);
struct name_key spell_name_key(const struct value *value);

/* The same of a value that is described by its frames, if it is a stack. */
struct name_key spell_frames_key(const struct value *value);
