/* SPDX-License-Identifier: Apache-2.0 */
#include "pidns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* PROC_PID_INIT_INO of the kernel's include/linux/proc_ns.h. */
enum { INITIAL_INODE = 0xEFFFFFFC };

bool pidns_is_initial(const struct host *host)
{
	_cleanup_close_ int fd = -1;
	struct stat status;
	_cleanup_error_ struct error *error = host_open(host, "/proc/self/ns/pid", O_PATH, &fd);

	return error || fstat(fd, &status) != 0 || status.st_ino == INITIAL_INODE;
}

/* --- the numbers of /proc --- */

enum { LEVELS_MOST = 33 }; /* of namespaces: MAX_PID_NS_LEVEL of the kernel, and the initial one */

/* The numbers behind a key of a file of /proc, as "NSpid:\t70\t7"; returns how many there are. */
static size_t read_numbers(
	const struct host *host, const char *path, const char *key, int32_t numbers[LEVELS_MOST])
{
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_error_ struct error *error = host_read_file(host, path, &text);
	const char *at = error ? NULL : strstr(str_text(&text), key);
	size_t count = 0;

	for (at = at ? at + strlen(key) : ""; *at && *at != '\n' && count < LEVELS_MOST;) {
		char *end = NULL;

		numbers[count] = (int32_t)strtol(at, &end, 10);
		if (end == at)
			break;
		at = end;
		count++;
	}
	return count;
}

/* The number of levels that the namespace of /proc is above that of this process. */
static size_t levels_above(const struct host *host)
{
	int32_t numbers[LEVELS_MOST];
	size_t count = read_numbers(host, "/proc/self/status", "\nNSpid:", numbers);

	return count ? count - 1 : 0;
}

bool pidns_is_shown(const struct host *host)
{
	return levels_above(host) == 0;
}

int32_t pidns_shown(const struct host *host, int32_t pid)
{
	int32_t numbers[LEVELS_MOST] = {};
	_cleanup_close_ int fd = pidns_is_shown(host) ? -1 : pidfd_open(pid, 0);
	char path[64];

	if (fd < 0)
		return pid;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	return read_numbers(host, path, "\nPid:", numbers) && numbers[0] > 0 ? numbers[0] : pid;
}

int32_t pidns_number(const struct host *host, const char *folder)
{
	_cleanup_str_ struct str path = STR_INIT;
	int32_t numbers[LEVELS_MOST];
	size_t level = levels_above(host);

	str_printf(&path, "%s/status", folder);

	size_t count = read_numbers(host, path.data, level ? "\nNSpid:" : "\nPid:", numbers);

	return count > level ? numbers[level] : 0;
}

/* --- the kernel's types --- */

struct error *pidns_layout(struct kbtf *kbtf, struct pidns_layout *ret)
{
	struct kbtf_member members[] = {
		{.type = "task_struct", .name = "thread_pid"},
		{.type = "task_struct", .name = "group_leader"},
		{.type = "pid", .name = "level"},
		{.type = "pid", .name = "numbers"},
		{.type = "upid", .name = "nr"},
		{.type = "upid", .name = "ns"},
	};
	struct error *error = kbtf_members(kbtf, members, ARRAY_SIZE(members));

	if (error)
		return error;
	if (members[4].bits != 8 * offsetof(struct pidns_upid, number) ||
		members[5].bits != 8 * offsetof(struct pidns_upid, namespace))
		return error_new(ENOTSUP, "struct upid of this kernel is not as expected");
	*ret = (struct pidns_layout){
		.task_pid = members[0].bits / 8,
		.task_leader = members[1].bits / 8,
		.pid_level = members[2].bits / 8,
		.pid_numbers = members[3].bits / 8,
	};
	return NULL;
}
