/* SPDX-License-Identifier: Apache-2.0 */
#include "perf_event.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attach.h"
#include "libcommon/base/str.h"
#include "libcommon/host/procfs.h"

capability_set perf_event_needs(const struct session *session)
{
	enum { PARANOID_MAINLINE_MAX = 2 };
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_error_ struct error *error =
		host_read_file(session->host, "/proc/sys/kernel/perf_event_paranoid", &text);

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

/* Threads only, where the kernel can tell them from children. */
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

static bool is_known(const host_names *threads, const char *name)
{
	const char **thread;

	vec_for_each (threads, thread) {
		if (strcmp(*thread, name) == 0)
			return true;
	}
	return false;
}

/* Attaches the threads that there are but are not known yet; a thread that is gone is none. */
static int attach_threads(const struct perf_event_attr *attr, const host_names *found,
	host_names *known, int program_fd, uint64_t cookie, struct attachment *ret)
{
	const char **name;

	vec_for_each (found, name) {
		int fd = -1;

		if (is_known(known, *name))
			continue;
		vec_push(known, *name);

		int number = attach_thread(*attr, atoi(*name), program_fd, cookie, &fd);

		if (number && number != ESRCH)
			return number;
		if (number == 0)
			attachment_add(ret, fd);
	}
	return 0;
}

/* Looks again until no thread is new: one that starts meanwhile inherits from its starter only if
 * that was attached before. */
int perf_event_attach_process(const struct host *host, const struct perf_event_attr *attr,
	pid_t pid, int program_fd, uint64_t cookie, struct attachment *ret)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	const char *path = arena_printf(&arena, "/proc/%d/task", pid);
	host_names known = {};
	size_t before, attached = ret->count;
	int number = 0;

	do {
		host_names found = {};
		_cleanup_error_ struct error *error = host_read_dir(host, path, &arena, &found);

		before = known.count;
		if (!error)
			number = attach_threads(attr, &found, &known, program_fd, cookie, ret);
		vec_deinit(&found);
	} while (number == 0 && known.count > before);
	vec_deinit(&known);
	return number == 0 && ret->count == attached ? ESRCH : number;
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
