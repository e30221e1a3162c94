/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System call lists by libseccomp: each list is an array of rows {call, answer, conditions on its
 * arguments}; a list is what is allowed, plus the few calls that are refused with an error instead
 * of a signal because the C library has a way without them. Calls that an architecture lacks are
 * left out by libseccomp.
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
	struct condition condition;
};

struct list {
	const struct rule *rules;
	size_t count;
};

/* clang-format off */
#define CALL(name)              {.call = SCMP_SYS(name)}
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
	CALL(sysinfo), /* qsort(3) asks how much memory it may take */
	CALL(tgkill),
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

static const struct rule compiler_rules[] = {
	CALL(access),
	CALL(faccessat),
	CALL(faccessat2),
	CALL(fadvise64),
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

	/* Files are opened for reading only. */
	CALL_MASKED(open, 1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
	CALL_MASKED(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
	REFUSE(openat2, ENOSYS),
	CALL_IF(fcntl, 1, F_DUPFD_CLOEXEC),
	CALL_IF(fcntl, 1, F_GETFD),
	CALL_IF(fcntl, 1, F_GETFL),
	CALL_IF(fcntl, 1, F_SETFD),
	CALL(dup),

	/* libelf completes the object in a file of memory. */
	CALL(ftruncate),
	CALL(memfd_create),
	CALL(msync),
	CALL(pwrite64),

	/* libclang is loaded when a script has C code, and parses in a thread of its own. */
	CALL(mmap),
	CALL(mprotect),
	CALL_MASKED(clone, 0, CLONE_THREAD_FLAGS, CLONE_THREAD_FLAGS),
	REFUSE(clone3, ENOSYS),
	CALL(set_robust_list),
	CALL(rseq),
	CALL_IF(prctl, 0, PR_SET_NAME),
	CALL_IF(prlimit64, 2, 0),
	CALL(getrlimit),
	CALL(getrusage),
	CALL(sched_getaffinity),
};

static const struct rule runner_rules[] = {
	/* Maps, programs and rings by descriptor; nothing is loaded or created any more. */
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

	/* Time zones and locales are read before; what is asked for later does not exist. */
	REFUSE(open, EACCES),

	/* Waiting for programs that still run. */
	CALL(membarrier),
	CALL(sched_getaffinity),
	CALL(sched_setaffinity),

	/* The child, known by its pidfd alone. */
	CALL(pidfd_send_signal),
	CALL(waitid),

	/* Handing slow links over at the end. */
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
	CALL_MASKED(open, 1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
	CALL_MASKED(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
	CALL_IF(fcntl, 1, F_GETFL),
	CALL_IF(fcntl, 1, F_SETFD),
	CALL(getdents64),

	CALL(epoll_pwait),
	CALL(epoll_wait),
	CALL(poll),
	CALL(ppoll),
	CALL_MASKED(mmap, 2, PROT_EXEC, 0),
	CALL_MASKED(mprotect, 2, PROT_EXEC, 0),
	CALL(close_range),
	CALL(pidfd_send_signal),
};

static const struct list lists[NR_SANDBOXES] = {
	[SANDBOX_COMPILER] = {compiler_rules, ARRAY_SIZE(compiler_rules)},
	[SANDBOX_RUNNER] = {runner_rules, ARRAY_SIZE(runner_rules)},
	[SANDBOX_WATCHER] = {watcher_rules, ARRAY_SIZE(watcher_rules)},
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

/* What a bit of enum sandbox_extra adds to the list of the runner, and what stands there without.
 */
static const struct {
	unsigned extra;
	struct list with, without;
} extra_lists[] = {
	{SANDBOX_DIRECTORIES, {directories_rules, ARRAY_SIZE(directories_rules)},
		{no_directories_rules, ARRAY_SIZE(no_directories_rules)}},
	{SANDBOX_FILES, {files_rules, ARRAY_SIZE(files_rules)},
		{no_files_rules, ARRAY_SIZE(no_files_rules)}},
};

static void cleanup_filter(scmp_filter_ctx *filter)
{
	if (*filter)
		seccomp_release(*filter);
}

static struct error *add_rules(scmp_filter_ctx filter, const struct rule *rules, size_t count)
{
	for (const struct rule *rule = rules; rule < rules + count; rule++) {
		const struct condition *condition = &rule->condition;
		struct scmp_arg_cmp compare = {
			condition->argument, condition->compare, condition->a, condition->b};
		uint32_t action =
			rule->refusal ? SCMP_ACT_ERRNO((uint16_t)rule->refusal) : SCMP_ACT_ALLOW;
		int result = seccomp_rule_add_array(
			filter, action, rule->call, condition->compare ? 1 : 0, &compare);

		/* -EDOM: the architecture has no such call. */
		if (result != 0 && result != -EDOM)
			return error_system(
				-result, "cannot build the list of allowed system calls");
	}
	return NULL;
}

static struct error *add_extras(scmp_filter_ctx filter, unsigned extras)
{
	struct error *error = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(extra_lists) && !error; i++) {
		const struct list *list = extras & extra_lists[i].extra ? &extra_lists[i].with
									: &extra_lists[i].without;

		error = add_rules(filter, list->rules, list->count);
	}
	return error;
}

struct error *sandbox_install(enum sandbox sandbox, unsigned extras)
{
	_cleanup_(cleanup_filter) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

	if (!filter)
		return error_new(ENOMEM, "cannot start a list of allowed system calls");
	seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);

	struct error *error = add_rules(filter, common_rules, ARRAY_SIZE(common_rules));

	if (!error)
		error = add_rules(filter, lists[sandbox].rules, lists[sandbox].count);
	if (!error && sandbox == SANDBOX_RUNNER)
		error = add_extras(filter, extras);
	if (error)
		return error;

	int result = seccomp_load(filter);

	if (result != 0)
		return error_system(-result, "cannot install the list of allowed system calls");
	return NULL;
}
