/* SPDX-License-Identifier: Apache-2.0 */
#include "sibling_path.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "libcommon/base/alloc.h"

/* Cuts the last part off; false when nothing is left. */
static bool up(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return false;
	*slash = '\0';
	return true;
}

char *sibling_path(const char *place, const char *installed)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (length > 0) {
		self[length] = '\0';
		if (up(self) && up(self)) {
			char *path = xasprintf("%s/%s", self, place);

			if (access(path, X_OK) == 0)
				return path;
			free(path);
		}
	}
	return xstrdup(installed);
}
