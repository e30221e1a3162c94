/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of frames that were made before: stacks share most of their frames. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/str.h"

struct frame_texts;

struct frame_texts *frame_texts_new(void);
void frame_texts_free(struct frame_texts *texts); /* NULL-safe */

/* What a text depends on. */
struct frame_key {
	uint64_t address;
	uint32_t mode;
	bool is_return;
};

/* Appends the text that was kept for the key; false when there is none. */
bool frame_texts_append(
	const struct frame_texts *texts, const struct frame_key *key, struct str *out);

/* Keeps a text in place of another one, unless it is long. */
void frame_texts_keep(
	struct frame_texts *texts, const struct frame_key *key, const char *text, size_t length);
