/* SPDX-License-Identifier: Apache-2.0 */
/* What a run lost, as output formats report it. */
#pragma once

#include <stdint.h>

#include "libcommon/base/str.h"

enum loss_kind {
#define LOSS(NAME, type, counted, sentence) LOSS_##NAME,
#include "losses.def"
#undef LOSS
	NR_LOSSES,
};

struct loss {
	enum loss_kind kind;
	uint64_t count;
	const char *map; /* LOSS_UPDATES: of this map, else NULL */
	uint64_t limit;  /* LOSS_UPDATES: of its keys, else 0 */
};

struct loss_desc {
	const char *type;     /* of its JSON object */
	const char *counted;  /* name of the count in the JSON object */
	const char *sentence; /* see losses.def */
};

extern const struct loss_desc loss_descs[NR_LOSSES];

/* Appends the sentence. */
void loss_append(const struct loss *loss, struct str *out);

/* Writes the sentence as a warning, for formats without a place for it. */
void loss_warn(const struct loss *loss);
