/* SPDX-License-Identifier: Apache-2.0 */
#include "perf_event.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attach.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/str.h"
#include "libcommon/host/pidns.h"
#include "libcommon/host/procfs.h"

capability_set perf_event_needs(const struct attachments *attachments)
{
	enum { PARANOID_MAINLINE_MAX = 2 };
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_error_ struct error *error =
		host_read_file(attachments->host, "/proc/sys/kernel/perf_event_paranoid", &text);

	if (error || strtol(str_text(&text), NULL, 10) <= PARANOID_MAINLINE_MAX)
		return 0;
	return CAPABILITY(CAP_SYS_ADMIN);
}

static int open_event(const struct perf_event_attr *attr, pid_t pid, int cpu)
{
	return (int)syscall(SYS_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

static int create_link(int program_fd, int event_fd, uint64_t cookie)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .perf_event.bpf_cookie = cookie);

	return bpf_link_create(program_fd, event_fd, BPF_PERF_EVENT, &options);
}

int perf_event_attach(const struct perf_event_attr *attr, pid_t pid, int cpu, int program_fd,
	uint64_t cookie, int *ret_fd)
{
	_cleanup_close_ int event_fd = open_event(attr, pid, cpu);

	if (event_fd < 0)
		return errno;

	_cleanup_close_ int link_fd = create_link(program_fd, event_fd, cookie);

	if (link_fd < 0 && ioctl(event_fd, PERF_EVENT_IOC_SET_BPF, program_fd) != 0)
		return errno;
	if (ioctl(event_fd, PERF_EVENT_IOC_ENABLE, 0) != 0)
		return errno;

	/* A link holds the event by itself. */
	*ret_fd = link_fd >= 0 ? TAKE_FD(link_fd) : TAKE_FD(event_fd);
	return 0;
}

/* Inherits to threads only, where the kernel supports that (inherit_thread). */
static int attach_thread(
	struct perf_event_attr attr, pid_t thread, int program_fd, uint64_t cookie, int *ret_fd)
{
	attr.inherit = 1;
	attr.inherit_thread = 1;

	int number = perf_event_attach(&attr, thread, -1, program_fd, cookie, ret_fd);

	if (number != EINVAL && number != E2BIG)
		return number;
	attr.inherit_thread = 0;
	return perf_event_attach(&attr, thread, -1, program_fd, cookie, ret_fd);
}

typedef VEC(pid_t) threads;

static bool is_known(const threads *known, pid_t thread)
{
	const pid_t *one;

	vec_for_each (known, one) {
		if (*one == thread)
			return true;
	}
	return false;
}

/* The threads of a process, where host, if given, is asked for our number of each: /proc is of
 * another pid namespace. */
struct list {
	DIR *directory;
	const struct host *host;
	const char *path; /* of the directory */
};

/* Our number of an entry; 0 for one that is no thread, or is gone. */
static pid_t thread_number(const struct list *list, const char *name)
{
	_cleanup_str_ struct str folder = STR_INIT;
	int number = atoi(name);

	if (number <= 0 || !list->host)
		return MAX(number, 0);
	str_printf(&folder, "%s/%s", list->path, name);
	return pidns_number(list->host, folder.data);
}

/* Attaches the threads that are not known yet; one that is gone is none. */
static int attach_new(const struct perf_event_attr *attr, const struct list *list, threads *known,
	int program_fd, uint64_t cookie, struct attachment *ret)
{
	const struct dirent *entry;

	rewinddir(list->directory);
	while ((entry = readdir(list->directory))) {
		pid_t thread = thread_number(list, entry->d_name);
		int fd = -1;

		if (thread == 0 || is_known(known, thread))
			continue;
		vec_push(known, thread);

		int number = attach_thread(*attr, thread, program_fd, cookie, &fd);

		if (number && number != ESRCH)
			return number;
		if (number == 0)
			attachment_add(ret, fd);
	}
	return 0;
}

/* Looks again until no thread is new: one that starts meanwhile inherits from its starter only if
 * that was attached before. */
static int attach_list(const struct perf_event_attr *attr, const struct list *list, int program_fd,
	uint64_t cookie, struct attachment *ret)
{
	threads known = {};
	size_t before, attached = ret->count;
	int number = 0;

	do {
		before = known.count;
		number = attach_new(attr, list, &known, program_fd, cookie, ret);
	} while (number == 0 && known.count > before);
	vec_deinit(&known);
	return number == 0 && ret->count == attached ? ESRCH : number;
}

int perf_event_attach_threads(DIR *directory, const struct perf_event_attr *attr, int program_fd,
	uint64_t cookie, struct attachment *ret)
{
	return attach_list(attr, &(struct list){.directory = directory}, program_fd, cookie, ret);
}

static DIR *open_threads(const struct host *host, const char *path)
{
	_cleanup_close_ int fd = -1;
	_cleanup_error_ struct error *error = host_open(host, path, O_RDONLY | O_DIRECTORY, &fd);
	DIR *directory = error ? NULL : fdopendir(fd);

	if (directory)
		fd = -1;
	return directory;
}

DIR *perf_event_threads(const struct host *host, int32_t shown_pid)
{
	_cleanup_free_ char *path = xasprintf("/proc/%d/task", shown_pid);

	return open_threads(host, path);
}

int perf_event_attach_process(const struct host *host, const struct perf_event_attr *attr,
	int32_t shown_pid, int program_fd, uint64_t cookie, struct attachment *ret)
{
	_cleanup_free_ char *path = xasprintf("/proc/%d/task", shown_pid);
	const struct list list = {
		.directory = open_threads(host, path),
		.host = pidns_is_shown(host) ? NULL : host,
		.path = path,
	};

	if (!list.directory)
		return ESRCH;

	int number = attach_list(attr, &list, program_fd, cookie, ret);

	closedir(list.directory);
	return number;
}

bool perf_event_has_hardware(void)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_HARDWARE,
		.config = PERF_COUNT_HW_CPU_CYCLES,
		.disabled = 1,
	};
	_cleanup_close_ int fd = open_event(&attr, 0, -1);

	return fd >= 0;
}

/* A number in a file: the type of a unit, or the bit after "config:". */
static struct error *number_in(
	const struct host *host, const char *folder, const char *name, uint32_t *ret)
{
	_cleanup_str_ struct str path = STR_INIT, text = STR_INIT;

	str_printf(&path, "%s%s", folder, name);
	struct error *error = host_read_file(host, str_text(&path), &text);

	if (error)
		return error;
	const char *colon = strchr(str_text(&text), ':');

	*ret = (uint32_t)strtoul(colon ? colon + 1 : str_text(&text), NULL, 10);
	return NULL;
}

struct error *perf_event_unit(
	const struct host *host, const char *folder, bool is_return, struct perf_unit *ret)
{
	uint32_t type = 0, bit = 0;
	struct error *error = number_in(host, folder, "type", &type);

	if (!error && is_return)
		error = number_in(host, folder, "format/retprobe", &bit);
	if (!error)
		*ret = (struct perf_unit){.type = type, .config = is_return ? 1ull << bit : 0};
	return error;
}

int perf_event_cpu(const struct host *host)
{
	procfs_cpus cpus = {};
	_cleanup_error_ struct error *error = procfs_online_cpus(host, &cpus);
	int cpu = !error && cpus.count ? (int)cpus.items[0] : 0;

	vec_deinit(&cpus);
	return cpu;
}
