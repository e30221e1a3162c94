/* SPDX-License-Identifier: Apache-2.0 */
#include "intern.h"

#include <string.h>

const char tuple_name[] = "tuple";

static const char *const names[] = {
#define NAMED(NAME, name, doc) [NAMED_##NAME] = #name,
#include "named.def"
#undef NAMED
};
TABLE_COMPLETE(names, NR_NAMED);

const char *named_name(enum named named)
{
	return named < NR_NAMED ? names[named] : "";
}

bool named_find(const char *name, enum named *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(names[i], name) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

bool named_is_reserved(const char *name)
{
	enum named named;

	return strcmp(name, tuple_name) == 0 || named_find(name, &named);
}

bool named_is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}
