/* SPDX-License-Identifier: Apache-2.0 */
#include "loss.h"

#include <inttypes.h>
#include <string.h>

#include "libcommon/base/log.h"

const struct loss_desc loss_descs[NR_LOSSES] = {
#define LOSS(NAME, type, counted, sentence) [LOSS_##NAME] = {type, counted, sentence},
#include "losses.def"
#undef LOSS
};

/* A word in braces, up to end. */
static void append_word(const struct loss *loss, const char *word, const char *end, struct str *out)
{
	const char *bar = memchr(word, '|', (size_t)(end - word));

	if (bar && loss->count == 1)
		str_append_bytes(out, word, (size_t)(bar - word));
	else if (bar)
		str_append_bytes(out, bar + 1, (size_t)(end - bar - 1));
	else if (*word == 'm')
		str_append(out, loss->map);
	else
		str_printf(out, "%" PRIu64, *word == 'c' ? loss->count : loss->limit);
}

void loss_append(const struct loss *loss, struct str *out)
{
	const char *at = loss_descs[loss->kind].sentence;

	for (const char *open; (open = strchr(at, '{')); at = strchr(open, '}') + 1) {
		str_append_bytes(out, at, (size_t)(open - at));
		append_word(loss, open + 1, strchr(open, '}'), out);
	}
	str_append(out, at);
}

void loss_warn(const struct loss *loss)
{
	_cleanup_str_ struct str text = STR_INIT;

	loss_append(loss, &text);
	log_warning("%s", str_text(&text));
}
