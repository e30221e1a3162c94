/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of users may come from files, from the network, or from other services, by code that the
 * system's administrator has chosen (nsswitch.conf(5)). Nothing of that belongs into the process
 * that handles records, so another one asks, which holds no privilege.
 */
#include "users.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libcommon/confine/confine.h"

static void serve(int fd)
{
	uint32_t user;

	if (privilege_keep(0))
		return;
	while (read(fd, &user, sizeof(user)) == (ssize_t)sizeof(user)) {
		const struct passwd *entry = getpwuid(user);
		char number[16];

		snprintf(number, sizeof(number), "%" PRIu32, user);

		const char *name = entry && *entry->pw_name ? entry->pw_name : number;

		if (write(fd, name, strlen(name)) < 0)
			return;
	}
}

struct error *users_start(struct session *session)
{
	return servant_start(serve, &session->names);
}
