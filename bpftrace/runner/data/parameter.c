/* SPDX-License-Identifier: Apache-2.0 */
#include "parameter.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What follows "name=" in the list; NULL: there is no such parameter. */
static const char *find(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, name, length) == 0 && at[length] == '=')
			return at + length + 1;
	}
	return NULL;
}

static bool is_end(const char *at)
{
	return *at == ',' || *at == '\0';
}

bool parameter_number(const char *list, const char *name, uint64_t *ret)
{
	const char *at = find(list, name);
	char *end;

	if (!at || !isdigit((unsigned char)*at))
		return false;
	errno = 0;
	*ret = strtoull(at, &end, 10);
	return errno == 0 && is_end(end);
}

bool parameter_is(const char *list, const char *name, const char *value)
{
	const char *at = find(list, name);
	size_t length = strlen(value);

	return at && strncmp(at, value, length) == 0 && is_end(at + length);
}
