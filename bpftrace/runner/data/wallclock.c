/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs stamp events by the clock that starts at boot, since only that one never steps. How far
 * the wall clock is ahead of it is asked anew for every text, so a clock that was set right in the
 * meantime sets right what is printed from then on. Both clocks go at the same pace: the distance
 * changes by steps only, and what reading them one after the other adds to it is no step.
 */
#include "wallclock.h"

#include <stdlib.h>

#include "libcommon/base/attributes.h"

enum {
	NSECS = 1000000000,
	ROOM_LIMIT = 1 << 16,
	LOOKS = 5,
};

static int64_t read_clock(clockid_t clock)
{
	struct timespec time = {};

	clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * NSECS + time.tv_nsec;
}

/* How far the wall clock is ahead of the boot clock, and by how much that can be wrong. */
struct distance {
	int64_t nsecs;
	int64_t doubt;
};

static struct distance look(void)
{
	int64_t before = read_clock(CLOCK_BOOTTIME);
	int64_t wall = read_clock(CLOCK_REALTIME);
	int64_t doubt = read_clock(CLOCK_BOOTTIME) - before;

	return (struct distance){wall - before - doubt / 2, doubt};
}

/* The look that took the shortest: nothing came between. */
static struct distance look_closely(void)
{
	struct distance best = look();

	for (int i = 1; i < LOOKS; i++) {
		struct distance found = look();

		if (found.doubt < best.doubt)
			best = found;
	}
	return best;
}

/* The same for all texts until the clock is set, so that equal moments have equal texts. */
static int64_t distance(void)
{
	static struct distance known = {.doubt = -1};
	struct distance found = look();
	int64_t moved = found.nsecs - known.nsecs;

	if (known.doubt < 0 || llabs(moved) > found.doubt + known.doubt)
		known = look_closely();
	return known.nsecs;
}

struct timespec wallclock_at(uint64_t nsecs)
{
	int64_t wall = (int64_t)(nsecs + (uint64_t)distance());
	int64_t seconds = wall / NSECS, rest = wall % NSECS;

	if (rest < 0) {
		seconds--;
		rest += NSECS;
	}
	return (struct timespec){.tv_sec = seconds, .tv_nsec = rest};
}

/* The format with %f filled in. */
static void expand(const char *format, long nsecs, struct str *out)
{
	for (; *format; format++) {
		if (*format == '%' && format[1] == 'f') {
			str_printf(out, "%06ld", nsecs / 1000);
			format++;
			continue;
		}
		str_append_char(out, *format);
		if (*format == '%' && format[1])
			str_append_char(out, *++format);
	}
}

bool wallclock_format(const char *format, struct timespec when, struct str *out)
{
	_cleanup_str_ struct str expanded = STR_INIT;
	struct tm local;

	if (!localtime_r(&when.tv_sec, &local))
		return false;
	expand(format, when.tv_nsec, &expanded);
	/* strftime returns 0 for a short buffer, and for an empty result (of %p in some languages),
	 * which a blank at the end prevents. */
	str_append_char(&expanded, ' ');
	for (size_t room = 128; room <= ROOM_LIMIT; room *= 2) {
		size_t length = strftime(str_reserve(out, room), room, expanded.data, &local);

		if (!length)
			continue;
		out->length += length;
		str_truncate(out, out->length - 1);
		return true;
	}
	str_truncate(out, out->length); /* strftime(3) leaves what did fit */
	return false;
}
