/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System call lists for libseccomp: each list is an array of rows {call, answer, conditions on its
 * arguments} of allowed calls, and a few that fail with an error instead of a signal because the C
 * library has a fallback. libseccomp skips calls that an architecture lacks.
 */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

/* A thread, not a process. */
enum { CLONE_THREAD_FLAGS = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD };

struct condition {
	unsigned argument;
	enum scmp_compare compare; /* 0: none */
	uint64_t a, b;
};

struct rule {
	int call;
	int refusal; /* errno for the caller; 0: allowed */
	bool self;   /* only when the first argument is this process */
	struct condition condition;
};

struct rules {
	const struct rule *items;
	size_t count;
};

struct list {
	struct rules parts[4];
	int refusal; /* errno for all other calls; 0: they end the process */
};

/* clang-format off */
#define RULES(array)            {(array), ARRAY_SIZE(array)}
#define CALL(name)              {.call = SCMP_SYS(name)}
#define CALL_SELF(name)         {.call = SCMP_SYS(name), .self = true}
#define REFUSE(name, error)     {.call = SCMP_SYS(name), .refusal = (error)}
#define CALL_IF(name, arg, value) \
	{.call = SCMP_SYS(name), .condition = {(arg), SCMP_CMP_EQ, (value), 0}}
#define CALL_MASKED(name, arg, mask, value) \
	{.call = SCMP_SYS(name), .condition = {(arg), SCMP_CMP_MASKED_EQ, (mask), (value)}}
#define REFUSE_MASKED(name, error, arg, mask, value) \
	{.call = SCMP_SYS(name), .refusal = (error), \
		.condition = {(arg), SCMP_CMP_MASKED_EQ, (mask), (value)}}
/* clang-format on */

/* What the C library does for itself in any program. */
static const struct rule common_rules[] = {
	CALL(brk),
	CALL(clock_getres),
	CALL(clock_gettime),
	CALL(clock_nanosleep),
	CALL(close),
	CALL(exit),
	CALL(exit_group),
	CALL(fstat),
	CALL(futex),
	CALL(getegid),
	CALL(geteuid),
	CALL(getgid),
	CALL(getpid),
	CALL(getrandom),
	CALL(gettid),
	CALL(gettimeofday),
	CALL(getuid),
	CALL_IF(ioctl, 1, TCGETS),
	CALL(lseek),
	CALL(madvise),
	CALL(mremap),
	CALL(munmap),
	CALL(newfstatat),
	CALL(read),
	CALL(readv),
	CALL(restart_syscall),
	CALL(rt_sigaction),
	CALL(rt_sigprocmask),
	CALL(rt_sigreturn),
	CALL(sched_yield),
	CALL(sigaltstack),
	CALL(stat),
	CALL(sysinfo),     /* qsort(3) reads the size of memory */
	CALL_SELF(tgkill), /* abort(3), raise(3) */
	CALL(time),
	CALL(write),
	CALL(writev),
#ifdef SANITIZED
	/* The leak and error reports of the sanitizers stop and read the process. */
	CALL(clone),
	CALL(execve),
	CALL(getdents64),
	CALL(getppid),
	CALL(kill),
	CALL(pipe),
	CALL(pipe2),
	CALL(prctl),
	CALL(ptrace),
	CALL(readlink),
	CALL(readlinkat),
	CALL(tkill),
	CALL(wait4),
#endif
};

/* Files are found by their paths. */
static const struct rule looking_rules[] = {
	CALL(access),
	CALL(faccessat),
	CALL(faccessat2),
	CALL(fstatfs),
	CALL(getcwd),
	CALL(getdents64),
	CALL(lstat),
	CALL(pread64),
	CALL(readlink),
	CALL(readlinkat),
	CALL(statfs),
	CALL(statx),
	CALL(uname),
};

/* They are opened for reading only. */
static const struct rule reading_rules[] = {
	CALL_MASKED(open, 1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
	CALL_MASKED(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
};

/* Libraries are loaded late, and may have threads. */
static const struct rule library_rules[] = {
	CALL(mmap),
	CALL(mprotect),
	CALL_MASKED(clone, 0, CLONE_THREAD_FLAGS, CLONE_THREAD_FLAGS),
	REFUSE(clone3, ENOSYS),
	CALL(set_robust_list),
	CALL(rseq),
	CALL_IF(prctl, 0, PR_SET_NAME),
	CALL_IF(prlimit64, 2, 0),
	CALL(getrlimit),
	CALL(sched_getaffinity),
};

static const struct rule compiler_rules[] = {
	CALL(fadvise64), REFUSE(openat2, ENOSYS), CALL_IF(fcntl, 1, F_DUPFD_CLOEXEC),
	CALL_IF(fcntl, 1, F_GETFD), CALL_IF(fcntl, 1, F_GETFL), CALL_IF(fcntl, 1, F_SETFD),
	CALL(dup),

	/* The runner opens files that need privileges: door/opening.h. */
	CALL_IF(sendto, 0, STDIN_FILENO), CALL_IF(recvmsg, 0, STDIN_FILENO),

	/* libelf completes the object in a file of memory. */
	CALL(ftruncate), CALL(memfd_create), CALL(msync), CALL(pwrite64), CALL(getrusage),
	CALL(setitimer), /* limits of the C compiler */
};

static const struct rule runner_rules[] = {
	/* Maps, programs and rings by descriptor; no loading or creating. */
	CALL_IF(bpf, 0, BPF_MAP_LOOKUP_ELEM),
	CALL_IF(bpf, 0, BPF_MAP_UPDATE_ELEM),
	CALL_IF(bpf, 0, BPF_MAP_DELETE_ELEM),
	CALL_IF(bpf, 0, BPF_MAP_GET_NEXT_KEY),
	CALL_IF(bpf, 0, BPF_MAP_LOOKUP_AND_DELETE_ELEM),
	CALL_IF(bpf, 0, BPF_MAP_LOOKUP_BATCH),
	CALL_IF(bpf, 0, BPF_MAP_LOOKUP_AND_DELETE_BATCH),
	CALL_IF(bpf, 0, BPF_MAP_UPDATE_BATCH),
	CALL_IF(bpf, 0, BPF_MAP_DELETE_BATCH),
	CALL_IF(bpf, 0, BPF_PROG_TEST_RUN),
	CALL_IF(bpf, 0, BPF_OBJ_GET_INFO_BY_FD),

	/* The loop. */
	CALL(epoll_ctl),
	CALL(epoll_pwait),
	CALL(epoll_pwait2),
	CALL(epoll_wait),
	CALL(poll),
	CALL(ppoll),

	/* Memory for data, none for code. */
	CALL_MASKED(mmap, 2, PROT_EXEC, 0),
	CALL_MASKED(mprotect, 2, PROT_EXEC, 0),

	/* Time zones and locales are read before; later lookups fail as if files were missing. */
	REFUSE(open, EACCES),

	/* Waiting for programs that still run. */
	CALL(membarrier),
	CALL(sched_getaffinity),
	CALL(sched_setaffinity),

	/* Requests to helper processes, to no address. */
	CALL_IF(sendto, 4, 0),

	/* The end of processes of our own, each known by its pidfd. */
	CALL_IF(pidfd_send_signal, 1, SIGCONT),
	CALL_IF(pidfd_send_signal, 1, SIGKILL),
	CALL(waitid),

	/* Passing slow links to a helper process at the end. */
	CALL_IF(clone, 0, CLONE_FILES | SIGCHLD),
	CALL(close_range),
	CALL(getppid),
	CALL(setsid),
};

static const struct rule watcher_rules[] = {
	/* Events for each thread, with the program that is loaded already. */
	CALL(perf_event_open),
	CALL_IF(ioctl, 1, PERF_EVENT_IOC_ENABLE),
	CALL_IF(ioctl, 1, PERF_EVENT_IOC_SET_BPF),
	CALL_IF(bpf, 0, BPF_LINK_CREATE),
	CALL_IF(bpf, 0, BPF_MAP_UPDATE_ELEM),
	CALL_IF(bpf, 0, BPF_MAP_DELETE_ELEM),
	CALL(getdents64),
	REFUSE(open, EACCES),
	REFUSE(openat, EACCES),

	CALL(epoll_pwait),
	CALL(epoll_wait),
	CALL(poll),
	CALL(ppoll),
	CALL_MASKED(mmap, 2, PROT_EXEC, 0),
	CALL_MASKED(mprotect, 2, PROT_EXEC, 0),
	CALL(close_range),
	CALL_IF(fcntl, 1, F_SETFL), /* the signal at the end is not sent */
	CALL_IF(pidfd_send_signal, 1, SIGCONT),
};

static const struct rule guard_rules[] = {
	REFUSE(open, EACCES),
	REFUSE(openat, EACCES),
	CALL_IF(pidfd_send_signal, 1, SIGCONT),
	CALL(waitid),
};

static const struct rule keeper_rules[] = {
	REFUSE(open, EACCES),
	REFUSE(openat, EACCES),
	CALL(getsid),
	CALL_IF(kill, 1, SIGCONT),
	CALL_IF(kill, 1, SIGKILL),
	CALL_IF(kill, 1, SIGTERM),
	CALL_IF(pidfd_send_signal, 1, SIGCONT),
	CALL_MASKED(mmap, 2, PROT_EXEC, 0),
	CALL(poll),
	CALL(ppoll),
	CALL(pread64),
	CALL(waitid),
};

static const struct rule symbols_rules[] = {
	CALL(openat2),
	CALL(poll),
	CALL(ppoll),
	CALL(recvmsg),         /* descriptors of files that were fetched */
	CALL_IF(sendto, 4, 0), /* texts, while the runner does not wait for them */
	CALL_IF(fcntl, 1, F_DUPFD_CLOEXEC),
	CALL_IF(fcntl, 1, F_GETFD),
	CALL_IF(fcntl, 1, F_GETFL),
	CALL_IF(fcntl, 1, F_SETFD),
	CALL_MASKED(mmap, 2, PROT_EXEC, 0),
	CALL_MASKED(mprotect, 2, PROT_EXEC, 0),
};

/* Name services are modules chosen by the administrator: calls outside of the list fail with an
 * error instead of a signal. */
static const struct rule progress_rules[] = {
	CALL(poll),
	CALL(ppoll),
};

static const struct rule names_rules[] = {
	CALL(alarm),
	CALL(dup),
	CALL(fcntl),
	CALL(getppid),
	CALL(setitimer),

	/* Services on this machine and elsewhere. */
	CALL_IF(socket, 0, AF_UNIX),
	CALL_IF(socket, 0, AF_INET),
	CALL_IF(socket, 0, AF_INET6),
	CALL_IF(socket, 0, AF_NETLINK),
	CALL(bind),
	CALL(connect),
	CALL(getpeername),
	CALL(getsockname),
	CALL(getsockopt),
	CALL(recvfrom),
	CALL(recvmsg),
	CALL(sendmmsg),
	CALL(sendmsg),
	CALL(sendto),
	CALL(setsockopt),
	CALL(shutdown),
	CALL_IF(ioctl, 1, FIONREAD),

	CALL(epoll_create1),
	CALL(epoll_ctl),
	CALL(epoll_pwait),
	CALL(epoll_wait),
	CALL(eventfd2),
	CALL(pipe2),
	CALL(poll),
	CALL(ppoll),
	CALL(pselect6),
	CALL(select),
};

/* In addition to what names_rules have for networks. */
static const struct rule fetcher_rules[] = {
	CALL(open),
	CALL(openat),
	CALL(chdir),
	CALL(fchdir),
	CALL(fchmod),
	CALL(flock),
	CALL(fsync),
	CALL(ftruncate),
	CALL(futimesat),
	CALL(getrusage),
	CALL(mkdir),
	CALL(mkdirat),
	CALL(pwrite64),
	CALL(rename),
	CALL(renameat),
	CALL(renameat2),
	CALL(rmdir),
	CALL(socketpair),
	CALL(umask),
	CALL(unlink),
	CALL(unlinkat),
	CALL(utime),
	CALL(utimensat),
	CALL(utimes),
};

static const struct list lists[NR_SANDBOXES] = {
	[SANDBOX_COMPILER] = {{RULES(compiler_rules), RULES(looking_rules), RULES(reading_rules),
		RULES(library_rules)}},
	[SANDBOX_RUNNER] = {{RULES(runner_rules)}},
	[SANDBOX_WATCHER] = {{RULES(watcher_rules)}},
	[SANDBOX_GUARD] = {{RULES(guard_rules)}},
	[SANDBOX_KEEPER] = {{RULES(keeper_rules)}},
	[SANDBOX_SYMBOLS] = {{RULES(symbols_rules), RULES(looking_rules), RULES(reading_rules)}},
	[SANDBOX_FETCHER] = {{RULES(fetcher_rules), RULES(looking_rules), RULES(names_rules),
				     RULES(library_rules)},
		.refusal = EPERM},
	[SANDBOX_PROGRESS] = {{RULES(progress_rules)}},
	[SANDBOX_NAMES] = {{RULES(names_rules), RULES(looking_rules), RULES(reading_rules),
				   RULES(library_rules)},
		.refusal = EPERM},
};

static const struct rule directories_rules[] = {
	CALL_MASKED(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC | O_DIRECTORY, O_DIRECTORY),
	CALL_IF(fcntl, 1, F_GETFL),
	CALL_IF(fcntl, 1, F_SETFD),
	CALL(getdents64),
};

static const struct rule no_directories_rules[] = {
	REFUSE_MASKED(openat, EACCES, 2, O_DIRECTORY, O_DIRECTORY),
};

static const struct rule files_rules[] = {
	CALL_MASKED(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC | O_DIRECTORY, O_RDONLY),
};

static const struct rule no_files_rules[] = {
	REFUSE_MASKED(openat, EACCES, 2, O_DIRECTORY, 0),
};

/* Rows that a bit of enum sandbox_extra adds to the list of the runner, and those without the bit.
 */
static const struct {
	unsigned extra;
	struct rules with, without;
} extra_rules[] = {
	{SANDBOX_DIRECTORIES, RULES(directories_rules), RULES(no_directories_rules)},
	{SANDBOX_FILES, RULES(files_rules), RULES(no_files_rules)},
};

static void cleanup_filter(scmp_filter_ctx *filter)
{
	if (*filter)
		seccomp_release(*filter);
}

static struct error *add_rules(scmp_filter_ctx filter, const struct rules *rules)
{
	for (const struct rule *rule = rules->items; rule < rules->items + rules->count; rule++) {
		const struct condition *condition = &rule->condition;
		struct scmp_arg_cmp compare = {
			condition->argument, condition->compare, condition->a, condition->b};
		uint32_t action =
			rule->refusal ? SCMP_ACT_ERRNO((uint16_t)rule->refusal) : SCMP_ACT_ALLOW;

		if (rule->self)
			compare = (struct scmp_arg_cmp){0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0};

		int result = seccomp_rule_add_array(
			filter, action, rule->call, compare.op ? 1 : 0, &compare);

		/* -EDOM: the architecture lacks the call. */
		if (result != 0 && result != -EDOM)
			return error_system(
				-result, "cannot build the list of allowed system calls");
	}
	return NULL;
}

static struct error *add_extras(scmp_filter_ctx filter, unsigned extras)
{
	struct error *error = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(extra_rules) && !error; i++)
		error = add_rules(filter, extras & extra_rules[i].extra ? &extra_rules[i].with
									: &extra_rules[i].without);
	return error;
}

static struct error *add_list(scmp_filter_ctx filter, const struct list *list)
{
	const struct rules common = RULES(common_rules);
	struct error *error = add_rules(filter, &common);

	for (size_t i = 0; i < ARRAY_SIZE(list->parts) && !error; i++)
		error = add_rules(filter, &list->parts[i]);
	return error;
}

struct error *sandbox_install(enum sandbox sandbox, unsigned extras)
{
	int refusal = lists[sandbox].refusal;
	_cleanup_(cleanup_filter) scmp_filter_ctx filter =
		seccomp_init(refusal ? SCMP_ACT_ERRNO((uint16_t)refusal) : SCMP_ACT_KILL_PROCESS);

	if (!filter)
		return error_new(ENOMEM, "cannot start a list of allowed system calls");
	seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);

	struct error *error = add_list(filter, &lists[sandbox]);

	if (!error && sandbox == SANDBOX_RUNNER)
		error = add_extras(filter, extras);
	if (error)
		return error;

	int result = seccomp_load(filter);

	if (result != 0)
		return error_system(-result, "cannot install the list of allowed system calls");
	return NULL;
}
