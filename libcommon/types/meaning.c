/* SPDX-License-Identifier: Apache-2.0 */
#include "intern.h"

#include <string.h>

const char tuple_name[] = "tuple";

const struct widened widened[NR_WIDENED] = {
	{"register", 0},
	{"char", 1},
	{"short", 2},
	{"int", 4},
	{"long", 8},
};

static const char *const names[] = {
#define MEANING(NAME, name, reading, doc) [MEANING_##NAME] = #name,
#include "meanings.def"
#undef MEANING
};
TABLE_COMPLETE(names, NR_MEANINGS);

const char *meaning_name(enum meaning meaning)
{
	return meaning < NR_MEANINGS ? names[meaning] : "";
}

bool meaning_find(const char *name, enum meaning *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(names[i], name) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

bool meaning_is_reserved(const char *name)
{
	enum meaning meaning;

	return strcmp(name, tuple_name) == 0 || meaning_find(name, &meaning);
}

bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}
