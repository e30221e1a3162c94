/* SPDX-License-Identifier: Apache-2.0 */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "attributes.h"

struct error *io_write_all(int fd, const void *data, size_t size, const char *name)
{
	for (size_t done = 0; done < size;) {
		ssize_t got = write(fd, (const char *)data + done, size - done);

		if (got >= 0)
			done += (size_t)got;
		else if (errno != EINTR)
			return error_system(errno, "cannot write %s", name);
	}
	return NULL;
}

struct error *io_read_file(const char *path, struct str *out)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	int number = fd < 0 ? errno : str_read(out, fd);

	return number ? error_system(number, "cannot read %s", path) : NULL;
}
