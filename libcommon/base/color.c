/* SPDX-License-Identifier: Apache-2.0 */
#include "color.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool color_used;

static const char *const sequences[] = {
	[COLOR_ERROR] = "\033[1;31m",
	[COLOR_WARNING] = "\033[1;33m",
	[COLOR_PLACE] = "\033[1m",
};
TABLE_COMPLETE(sequences, NR_COLORS);

/* What it is without --color and BPFTRACE_COLOR. */
static void decide(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	color_used = isatty(STDERR_FILENO) && !(no_color && *no_color) &&
		     !(terminal && strcmp(terminal, "dumb") == 0);
}

static bool set(const char *when)
{
	if (strcmp(when, "auto") == 0)
		decide();
	else if (strcmp(when, "always") == 0)
		color_used = true;
	else if (strcmp(when, "never") == 0)
		color_used = false;
	else
		return false;
	return true;
}

struct error *color_decide(void)
{
	const char *when = getenv(COLOR_VARIABLE);

	decide();
	if (!when || set(when))
		return NULL;
	return error_new(EINVAL, COLOR_VARIABLE " takes auto, always or never, not '%s'", when);
}

struct error *color_set(const char *when)
{
	if (set(when))
		return NULL;
	return error_new(EINVAL, "--color takes auto, always or never, not '%s'", when);
}

const char *color_when(void)
{
	return color_used ? "always" : "never";
}

void color_begin(struct str *out, enum color color)
{
	if (color_used)
		str_append(out, sequences[color]);
}

void color_end(struct str *out)
{
	if (color_used)
		str_append(out, "\033[0m");
}
