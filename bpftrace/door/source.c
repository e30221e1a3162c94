/* SPDX-License-Identifier: Apache-2.0 */
#include "source.h"

#include <errno.h>
#include <string.h>

#include "bundle.h"

static size_t limit(const struct str *text)
{
	return bundle_is(text->data, text->length) ? BUNDLE_MAX : SOURCE_MAX;
}

static bool goes_on(const struct str *text, size_t block)
{
	const char *begin = text->data + text->length - block;

	return text->length <= limit(text) &&
	       (bundle_is(text->data, text->length) || !memchr(begin, '\0', block));
}

struct error *source_read(int fd, const char *name, struct str *out)
{
	int number = str_read_while(out, fd, goes_on);

	if (number)
		return error_system(number, "cannot read '%s'", name);
	if (out->length > limit(out))
		return error_new(EFBIG, "'%s' is larger than %zu MB, too large for a %s", name,
			limit(out) >> 20, limit(out) == SOURCE_MAX ? "script" : "saved bundle");
	return NULL;
}
