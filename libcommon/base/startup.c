/* SPDX-License-Identifier: Apache-2.0 */
#include "startup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static struct sigaction size_signal;
static struct rlimit size_limit;

/* open() returns the lowest number that is free. Without /dev/null, as in a bare chroot, the root
 * directory keeps the number occupied; it can be neither read nor written. */
static void fill(int fd)
{
	if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
		return;
	if (open("/dev/null", O_RDWR) < 0)
		(void)open("/", O_PATH);
}

void startup(void)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		fill(fd);
	sigaction(SIGXFSZ, &ignore, &size_signal);
}

void startup_undo(void)
{
	sigaction(SIGXFSZ, &size_signal, NULL);
}

void startup_unlimit_sizes(void)
{
	const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};

	if (getrlimit(RLIMIT_FSIZE, &size_limit) != 0)
		size_limit = none;
	const struct rlimit most = {size_limit.rlim_max, size_limit.rlim_max};

	if (setrlimit(RLIMIT_FSIZE, &none) != 0)
		setrlimit(RLIMIT_FSIZE, &most);
}

void startup_limit_sizes(void)
{
	setrlimit(RLIMIT_FSIZE, &size_limit);
}
