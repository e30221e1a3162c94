/* SPDX-License-Identifier: Apache-2.0 */
#include "slice.h"

#include <ctype.h>
#include <string.h>

bool slice_is(struct slice slice, const char *text)
{
	return slice.length == strlen(text) && slice_begins(slice, text);
}

bool slice_begins(struct slice slice, const char *text)
{
	size_t length = strlen(text);

	return slice.length >= length && memcmp(slice.begin, text, length) == 0;
}

bool slice_contains(struct slice slice, const char *text)
{
	return memmem(slice.begin, slice.length, text, strlen(text)) != NULL;
}

struct slice slice_trim(struct slice slice)
{
	while (slice.length && isspace((unsigned char)*slice.begin)) {
		slice.begin++;
		slice.length--;
	}
	while (slice.length && isspace((unsigned char)slice.begin[slice.length - 1]))
		slice.length--;
	return slice;
}
