/* SPDX-License-Identifier: Apache-2.0 */
#include "directive.h"

#include <ctype.h>
#include <string.h>

#include "libcommon/base/attributes.h"
#include "libcommon/base/suggest.h"

enum { SHORTEST = 3, LONGEST = 15 };

static const char *const words[] = {"include", "include_next", "define", "if", "ifdef", "ifndef",
	"elif", "else", "endif", "undef", "pragma", "error", "warning"};

bool directive_is(const char *word, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strlen(words[i]) == length && memcmp(words[i], word, length) == 0)
			return true;
	}
	return false;
}

const char *directive_like(const char *text, size_t length)
{
	char word[LONGEST + 1] = "";
	struct suggestion suggestion;

	for (size_t i = 0; i < MIN(length, (size_t)LONGEST) && isalpha((unsigned char)text[i]); i++)
		word[i] = text[i];
	if (strlen(word) < SHORTEST)
		return NULL;
	if (strcmp(word, "import") == 0)
		return words[0];
	suggestion = suggest_start(word);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		suggest_offer(&suggestion, words[i]);
	return suggestion.best;
}

bool directive_numbers_lines(const char *text, size_t length)
{
	static const char word[] = "line";
	size_t at = 0;

	while (at < length && (text[at] == ' ' || text[at] == '\t'))
		at++;
	if (length - at > strlen(word) && strncmp(text + at, word, strlen(word)) == 0)
		for (at += strlen(word); at < length && text[at] == ' ';)
			at++;
	return at > 0 && at < length && isdigit((unsigned char)text[at]);
}
