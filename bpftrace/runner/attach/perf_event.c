/* SPDX-License-Identifier: Apache-2.0 */
#include "perf_event.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpftrace/runner/session.h"
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

int perf_event_cpu(const struct host *host)
{
	procfs_cpus cpus = {};
	_cleanup_error_ struct error *error = procfs_online_cpus(host, &cpus);
	int cpu = !error && cpus.count ? (int)cpus.items[0] : 0;

	vec_deinit(&cpus);
	return cpu;
}
