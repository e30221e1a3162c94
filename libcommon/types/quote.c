/* SPDX-License-Identifier: Apache-2.0 */
#include "quote.h"

#include "intern.h"

static bool is_plain(const char *name)
{
	for (; *name; name++) {
		if (!is_word_char(*name) && *name != ':')
			return false;
	}
	return true;
}

void quote_type_name(const char *name, struct str *out)
{
	const char *quote = is_plain(name) ? "" : "\"";

	str_printf(out, "%s%s%s", quote, name, quote);
}
