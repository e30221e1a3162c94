/* SPDX-License-Identifier: Apache-2.0 */
#include "notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "libcommon/base/attributes.h"
#include "libcommon/base/log.h"

#define READY "READY=1"

/* A path, or with '@' in front the name of an abstract socket; false for anything else. */
static bool find_address(const char *name, struct sockaddr_un *ret, socklen_t *ret_size)
{
	size_t length = strlen(name);

	if ((*name != '/' && *name != '@') || length < 2 || length >= sizeof(ret->sun_path))
		return false;
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret->sun_path, name, length);
	if (*name == '@')
		ret->sun_path[0] = '\0';
	*ret_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return true;
}

static int send_ready(const char *name)
{
	struct sockaddr_un address;
	socklen_t size;

	if (!find_address(name, &address, &size))
		return EINVAL;

	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || sendto(fd, READY, strlen(READY), MSG_NOSIGNAL, (struct sockaddr *)&address,
			      size) < 0)
		return errno;
	return 0;
}

void notify_ready(void)
{
	const char *name = getenv("NOTIFY_SOCKET");
	int number = name && *name ? send_ready(name) : 0;

	if (number)
		log_warning("cannot notify %s (NOTIFY_SOCKET): %s", name, strerror(number));
}
