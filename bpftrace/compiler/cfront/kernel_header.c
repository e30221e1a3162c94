/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel_header.h"

#include <string.h>

#include "headers.h"
#include "version_header.h"

/* Of the C library: those that define constants of host/constants_*.def, and no more than types
 * that are the kernel's. */
static const char *const libraries[] = {"arpa/inet.h", "errno.h", "fcntl.h", "netinet/in.h",
	"netinet/ip.h", "netinet/tcp.h", "netinet/udp.h", "poll.h", "sched.h", "signal.h",
	"sys/capability.h", "sys/epoll.h", "sys/inotify.h", "sys/mman.h", "sys/mount.h",
	"sys/ptrace.h", "sys/resource.h", "sys/socket.h", "sys/stat.h", "sys/time.h", "sys/types.h",
	"sys/un.h", "sys/wait.h", "time.h", "unistd.h"};

static bool is_of_library(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(libraries); i++) {
		if (strcmp(libraries[i], name) == 0)
			return true;
	}
	return false;
}

bool kernel_header_is_needless(const struct compilation *c, const char *name)
{
	if (version_header_is(name) || !kbtf_has_name(c->kbtf, "task_struct"))
		return false;
	if (headers_is_kernel_name(name))
		return !*c->settings.kernel_source;
	return is_of_library(name);
}

void kernel_header_note(const struct compilation *c, struct span span, const char *name)
{
	if (c->request->verbose)
		diag_warning(c->diags, span,
			"%s is not installed: its types are those of the kernel's BTF, and "
			"constants that are known without headers",
			name);
}
