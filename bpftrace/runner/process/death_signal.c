/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the first end of a pipe is closed, the kernel sends the signal of the other end to its owner
 * (F_SETOWN and F_SETSIG in fcntl(2)). As a process ends both are closed, in an order of the
 * kernel's own, so either end has the signal.
 */
#include "death_signal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "libcommon/base/attributes.h"

static bool arm_end(int fd, pid_t receiver, int signal)
{
	return fcntl(fd, F_SETOWN, receiver) == 0 && fcntl(fd, F_SETSIG, signal) == 0 &&
	       fcntl(fd, F_SETFL, O_ASYNC) == 0;
}

struct error *death_signal_arm(pid_t receiver, int signal, struct death_signal *ret)
{
	struct death_signal armed = DEATH_SIGNAL_INIT;

	if (pipe2(armed.fds, O_CLOEXEC) != 0)
		return error_system(errno, "cannot make a pipe");
	if (!arm_end(armed.fds[0], receiver, signal) || !arm_end(armed.fds[1], receiver, signal)) {
		int number = errno;

		death_signal_disarm(&armed);
		return error_system(number, "cannot arrange for a signal to process %d", receiver);
	}
	*ret = armed;
	return NULL;
}

void death_signal_disarm(struct death_signal *death_signal)
{
	for (size_t i = 0; i < ARRAY_SIZE(death_signal->fds) && death_signal->fds[i] >= 0; i++)
		(void)fcntl(death_signal->fds[i], F_SETFL, 0);
	death_signal_send(death_signal);
}

void death_signal_send(struct death_signal *death_signal)
{
	for (size_t i = 0; i < ARRAY_SIZE(death_signal->fds); i++)
		cleanup_close(&death_signal->fds[i]);
	*death_signal = (struct death_signal)DEATH_SIGNAL_INIT;
}
