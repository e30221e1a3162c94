/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CLOCK_TAI and CLOCK_BOOTTIME run at the same rate, so their offset changes only when the wall
 * clock is set. The kernel reports that by cancelling timers with TFD_TIMER_CANCEL_ON_SET: here one
 * that never expires.
 */
#include "clock.h"

#include <errno.h>
#include <stddef.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "libcommon/base/attributes.h"

enum {
	NSECS = 1000000000,
	SAMPLES = 5,
};

/* Later than a clock can be set to. */
#define NEVER (INT64_C(1) << 33)

uint64_t clock_read(clockid_t clock)
{
	struct timespec now = {};

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NSECS + (uint64_t)now.tv_nsec;
}

/* A sample reads CLOCK_TAI between two readings of CLOCK_BOOTTIME. Returns the offset of the sample
 * with the smallest window. */
uint64_t clock_tai_offset(void)
{
	uint64_t best = UINT64_MAX, offset = 0;

	for (int i = 0; i < SAMPLES; i++) {
		uint64_t before = clock_read(CLOCK_BOOTTIME), tai = clock_read(CLOCK_TAI);
		uint64_t took = clock_read(CLOCK_BOOTTIME) - before;

		if (took >= best)
			continue;
		best = took;
		offset = tai - before - took / 2;
	}
	return offset;
}

struct error *clock_watch(int *ret_fd)
{
	const struct itimerspec never = {.it_value.tv_sec = NEVER};
	_cleanup_close_ int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0 ||
		timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) != 0)
		return error_system(errno, "cannot watch the wall clock");
	*ret_fd = TAKE_FD(fd);
	return NULL;
}

void clock_watch_again(int fd)
{
	uint64_t expirations;
	ssize_t bytes = read(fd, &expirations, sizeof(expirations));

	/* Fails with ECANCELED. */
	(void)bytes;
}
