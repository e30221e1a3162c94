/* SPDX-License-Identifier: Apache-2.0 */
/* By libiberty, which bounds its recursion: symbols are hostile input. */
#include "demangle.h"

#include <libiberty/demangle.h>
#include <string.h>

enum { NAME_LONGEST = 1 << 12 }; /* longer ones could take long */

char *demangle(const char *symbol, bool with_parameters)
{
	int options = DMGL_AUTO | DMGL_ANSI | (with_parameters ? DMGL_PARAMS : 0);

	if (symbol[0] != '_' || strnlen(symbol, NAME_LONGEST) == NAME_LONGEST)
		return NULL;
	return cplus_demangle(symbol, options);
}
