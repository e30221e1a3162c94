/* SPDX-License-Identifier: Apache-2.0 */
/* Strings and other runs of bytes in memory. */
#pragma once

#include "emitter.h"

enum {
	STRINGS_SHORT = 128, /* bytes that are copied and compared by words */
};

/* Stores size zero bytes. */
void strings_fill(struct emitter *e, LLVMValueRef to, uint32_t size);

/* Copies size bytes. */
void strings_move(struct emitter *e, LLVMValueRef to, LLVMValueRef from, uint32_t size);

/* Stores constant bytes. */
void strings_bytes(struct emitter *e, const void *bytes, size_t count, LLVMValueRef to);

/* Stores a text of length bytes, cut to what the place has room for, with its NUL. */
void strings_literal(struct emitter *e, const char *text, size_t length, struct place place);

/* Returns the bytes at..at+bytes of a text as a little-endian number; behind its end are zeros. */
uint64_t strings_word(const char *text, size_t length, uint32_t at, uint32_t bytes);

/* Returns whether the bytes behind the end of a string or buf in this place must be zeros. */
bool strings_pads(const struct emitter *e, struct place place);

/* Returns a symbol in .rodata, of the name given, with a text and a NUL behind it. */
LLVMValueRef strings_constant(struct emitter *e, const char *text, size_t length, const char *name);

/* Returns a string in memory or in the context as one that is not read yet. */
struct value strings_unread(struct emitter *e, struct value string);

/* Returns whether a string without a NUL in a place of this type was cut; otherwise it ends with
 * the place. */
bool strings_shows_cut(const struct emitter *e, uint32_t type);

/* Reads a string to a place, cut to what fits. Returns the number of its characters as i64: all
 * bytes of the place when it was cut, 0 when the address cannot be read. */
LLVMValueRef strings_read(struct emitter *e, struct value string, struct place place);
