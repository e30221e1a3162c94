/* SPDX-License-Identifier: Apache-2.0 */
/* By libiberty, which bounds its recursion: symbols are hostile input. */
#include "demangle.h"

#include <libiberty/demangle.h>
#include <string.h>

enum { NAME_LONGEST = 1 << 12 }; /* limits the time that it takes */

static const int forms[] = {
	[DEMANGLE_NAME] = 0,
	[DEMANGLE_CALL] = DMGL_PARAMS | DMGL_RET_DROP,
	[DEMANGLE_FULL] = DMGL_PARAMS,
};

char *demangle(const char *symbol, enum demangle form)
{
	int options = DMGL_AUTO | DMGL_ANSI | forms[form];

	if (symbol[0] != '_' || strnlen(symbol, NAME_LONGEST) == NAME_LONGEST)
		return NULL;
	return cplus_demangle(symbol, options);
}
