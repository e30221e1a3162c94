/* SPDX-License-Identifier: Apache-2.0 */
/* Privileges can only shrink, so every test confines a child and looks at it from outside. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libcommon/confine/confine.h"

typedef void (*in_child_fn)(void);

/* Runs body in a child; it ends by _exit(0) unless the body ends it. */
static int run(in_child_fn body)
{
	pid_t pid = fork();
	int status = -1;

	assert_true(pid >= 0);
	if (pid == 0) {
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

#define assert_exits(body, code)                                                                   \
	do {                                                                                       \
		int status_ = run(body);                                                           \
		assert_true(WIFEXITED(status_));                                                   \
		assert_int_equal(WEXITSTATUS(status_), code);                                      \
	} while (0)

#define assert_killed(body)                                                                        \
	do {                                                                                       \
		int status_ = run(body);                                                           \
		assert_true(WIFSIGNALED(status_));                                                 \
		assert_int_equal(WTERMSIG(status_), SIGSYS);                                       \
	} while (0)

/* A line of a process's status, as the number that it holds. */
static uint64_t status_of(pid_t pid, const char *label, int base)
{
	_cleanup_free_ char *path = NULL;
	char line[256];
	uint64_t value = UINT64_MAX;

	assert_true(asprintf(&path, "/proc/%d/status", (int)pid) > 0);
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, label, strlen(label)) == 0 && line[strlen(label)] == ':')
			value = strtoull(line + strlen(label) + 1, NULL, base);
	}
	fclose(file);
	return value;
}

/* Confines a child by what was given and leaves it waiting while look is called. */
static void look_at(in_child_fn confine, void (*look)(pid_t pid))
{
	int ready[2], done[2];
	char byte = 0;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(done, O_CLOEXEC), 0);
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		close(done[1]);
		confine();
		if (write(ready[1], &byte, 1) != 1 || read(done[0], &byte, 1) != 0)
			_exit(1);
		_exit(0);
	}
	close(ready[1]);
	bool is_ready = read(ready[0], &byte, 1) == 1;

	if (is_ready)
		look(pid);
	close(done[1]);
	close(done[0]);
	close(ready[0]);

	int status = -1;

	waitpid(pid, &status, 0);
	assert_true(is_ready);
	assert_int_equal(status, 0);
}

static void must(struct error *error)
{
	if (!error)
		return;
	fprintf(stderr, "%s\n", error->message);
	_exit(99);
}

static void keep_nothing(void)
{
	must(privilege_keep(0));
}

static void has_nothing(pid_t pid)
{
	assert_int_equal(status_of(pid, "CapInh", 16), 0);
	assert_int_equal(status_of(pid, "CapPrm", 16), 0);
	assert_int_equal(status_of(pid, "CapEff", 16), 0);
	assert_int_equal(status_of(pid, "CapBnd", 16), 0);
	assert_int_equal(status_of(pid, "CapAmb", 16), 0);
	assert_int_equal(status_of(pid, "NoNewPrivs", 10), 1);
}

static void nothing_is_kept(void **state _unused_)
{
	if (privilege_effective() == 0)
		skip();
	look_at(keep_nothing, has_nothing);
}

static void keep_one(void)
{
	must(privilege_keep(CAPABILITY(CAP_BPF) | CAPABILITY(CAP_PERFMON)));
	must(privilege_keep(CAPABILITY(CAP_BPF) | CAPABILITY(CAP_SYS_ADMIN)));
}

static void has_one(pid_t pid)
{
	assert_int_equal(status_of(pid, "CapPrm", 16), CAPABILITY(CAP_BPF));
	assert_int_equal(status_of(pid, "CapEff", 16), CAPABILITY(CAP_BPF));
	assert_int_equal(status_of(pid, "CapInh", 16), 0);
	assert_int_equal(status_of(pid, "CapBnd", 16), 0);
}

/* What was dropped once does not come back by being asked for. */
static void one_is_kept(void **state _unused_)
{
	if (!(privilege_effective() & CAPABILITY(CAP_BPF)))
		skip();
	look_at(keep_one, has_one);
}

static bool effective_is(void *context)
{
	return privilege_effective() == *(capability_set *)context;
}

static void trying_restores(void **state _unused_)
{
	capability_set before = privilege_effective();
	capability_set none = 0;

	if (!before)
		skip();
	assert_true(privilege_try(0, effective_is, &none));
	assert_false(privilege_try(0, effective_is, &before));
	assert_int_equal(privilege_effective(), before);

	capability_set one = CAPABILITY(CAP_BPF) & before;

	assert_true(privilege_try(one, effective_is, &one));
	assert_int_equal(privilege_effective(), before);
}

static void names_are_listed(void **state _unused_)
{
	_cleanup_str_ struct str names = STR_INIT;

	privilege_names(0, &names);
	assert_string_equal(str_text(&names), "none");
	str_truncate(&names, 0);
	privilege_names(CAPABILITY(CAP_BPF) | CAPABILITY(CAP_PERFMON), &names);
	assert_string_equal(str_text(&names), "cap_perfmon cap_bpf");
}

static void install_runner(void)
{
	must(sandbox_install(SANDBOX_RUNNER, 0));
}

static void has_filter(pid_t pid)
{
	assert_int_equal(status_of(pid, "Seccomp", 10), 2);
	assert_int_equal(status_of(pid, "NoNewPrivs", 10), 1);
}

static void filter_is_seen(void **state _unused_)
{
	look_at(install_runner, has_filter);
}

/* What the loop and the end of a run do. */
static void runner_works(void)
{
	struct timespec now;
	char buffer[64];
	union bpf_attr attr = {.map_fd = (uint32_t)-1};

	install_runner();
	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		_exit(1);

	time_t seconds = time(NULL);
	struct tm *tm = localtime(&seconds);

	if (!tm || strftime(buffer, sizeof(buffer), "%H:%M:%S %Z", tm) == 0)
		_exit(2);
	free(malloc(1 << 20));
	free(malloc(16));

	/* Refused, not killed. */
	if (open("/etc/hostname", O_RDONLY | O_CLOEXEC) != -1 || errno != EACCES)
		_exit(3);
	if (syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr)) != -1 || errno != EBADF)
		_exit(4);
}

static void runner_list_is_enough(void **state _unused_)
{
	assert_exits(runner_works, 0);
}

static void hand_over(void)
{
	install_runner();
	long helper = syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);

	if (helper < 0)
		_exit(1);
	if (helper == 0) {
		setsid();
		close_range(3, ~0U, 0);
		_exit(0);
	}
	siginfo_t info;

	if (waitid(P_PID, (id_t)helper, &info, WEXITED) != 0 || info.si_status != 0)
		_exit(2);
}

static void runner_may_hand_over(void **state _unused_)
{
	assert_exits(hand_over, 0);
}

static void runner_loads(void)
{
	union bpf_attr attr = {};

	install_runner();
	syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

static void runner_maps_code(void)
{
	install_runner();
	(void)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void runner_connects(void)
{
	install_runner();
	syscall(SYS_socket, 2, 1, 0);
}

static void runner_is_killed(void **state _unused_)
{
	assert_killed(runner_loads);
	assert_killed(runner_maps_code);
	assert_killed(runner_connects);
}

static void compiler_reads(void)
{
	char byte;

	must(confine_compiler());
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, &byte, 1) != 1 || write(STDOUT_FILENO, "", 0) != 0)
		_exit(1);
}

static void confine_as_compiler(void)
{
	must(confine_compiler());
}

static void compiler_writes(void)
{
	must(confine_compiler());
	(void)open("/dev/null", O_WRONLY | O_CLOEXEC);
}

static void compiler_asks_bpf(void)
{
	union bpf_attr attr = {};

	must(confine_compiler());
	syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

/* Asks on standard input, and is answered. */
static void compiler_asks(void)
{
	char byte;
	struct iovec data = {&byte, 1};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0 || dup2(pair[0], STDIN_FILENO) < 0 ||
		send(pair[1], "x", 1, 0) != 1)
		_exit(1);
	must(confine_compiler());
	if (send(STDIN_FILENO, "x", 1, 0) != 1 || recvmsg(STDIN_FILENO, &message, 0) != 1)
		_exit(1);
}

static void compiler_sends(void)
{
	must(confine_compiler());
	(void)send(STDOUT_FILENO, "x", 1, 0);
}

static void compiler_receives(void)
{
	struct msghdr message = {};

	must(confine_compiler());
	(void)recvmsg(STDERR_FILENO, &message, 0);
}

static void compiler_reads_only(void **state _unused_)
{
	look_at(confine_as_compiler, has_nothing);
	look_at(confine_as_compiler, has_filter);
	assert_exits(compiler_reads, 0);
	assert_killed(compiler_writes);
	assert_killed(compiler_asks_bpf);
	assert_exits(compiler_asks, 0);
	assert_killed(compiler_sends);
	assert_killed(compiler_receives);
}

/* --- another user --- */

static void leave(void)
{
	must(privilege_leave_user());
	must(privilege_keep(CAPABILITY(CAP_KILL)));
}

static void is_no_user(pid_t pid)
{
	_cleanup_free_ char *path = NULL, *ids = NULL;
	int user = PRIVILEGE_OWN_USER + (int)pid;
	char line[256];
	int found = 0;

	assert_true(asprintf(&path, "/proc/%d/status", (int)pid) > 0);
	assert_true(asprintf(&ids, "id:\t%d\t%d\t%d\t%d\n", user, user, user, user) > 0);
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		found += (strchr("UG", line[0]) && strcmp(line + 1, ids) == 0) ||
			 strcmp(line, "Groups:\t \n") == 0;
	fclose(file);
	assert_int_equal(found, 3);
	assert_int_equal(status_of(pid, "CapPrm", 16), CAPABILITY(CAP_KILL));
	assert_int_equal(status_of(pid, "CapEff", 16), CAPABILITY(CAP_KILL));
}

static bool may_leave(void)
{
	capability_set needed =
		CAPABILITY(CAP_SETUID) | CAPABILITY(CAP_SETGID) | CAPABILITY(CAP_KILL);

	return getuid() == 0 && (privilege_effective() & needed) == needed;
}

static void user_is_left(void **state _unused_)
{
	if (!may_leave())
		skip();
	look_at(leave, is_no_user);
}

/* Where the id is not mapped, or the privilege is missing. */
static void stay(void)
{
	gid_t before[8], after[8];
	int count = getgroups(8, before);
	_cleanup_error_ struct error *error = privilege_leave_user();

	if (!error || getuid() != 0 || getgid() != 0 || getgroups(8, after) != count)
		_exit(1);
}

static void stay_without_privilege(void)
{
	must(privilege_keep(CAPABILITY(CAP_SETGID)));
	stay();
}

static void write_line(const char *path, const char *line)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, line, strlen(line)) < 0)
		_exit(2);
	close(fd);
}

static void stay_without_mapping(void)
{
	/* Containers may forbid it. */
	if (unshare(CLONE_NEWUSER) != 0)
		_exit(0);
	write_line("/proc/self/uid_map", "0 0 1");
	write_line("/proc/self/setgroups", "deny");
	write_line("/proc/self/gid_map", "0 0 1");
	stay();
}

static void user_stays(void **state _unused_)
{
	if (!may_leave())
		skip();
	assert_exits(stay_without_privilege, 0);
	assert_exits(stay_without_mapping, 0);
}

/* --- what each process may not do --- */

static const enum sandbox *tried;

static void confine_tried(void)
{
	if (*tried == SANDBOX_COMPILER) {
		must(privilege_leave_user());
		must(confine_compiler());
	} else {
		must(confine_process(*tried, CAPABILITY(CAP_BPF), true));
	}
}

static void open_secret(void)
{
	confine_tried();
	_exit(open("/etc/shadow", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES ? 0 : 1);
}

static void kill_root(void)
{
	pid_t parent = getppid();

	confine_tried();
	_exit(kill(parent, 0) < 0 && errno == EPERM ? 0 : 1);
}

static void signal_thread_of_root(void)
{
	pid_t parent = getppid();

	confine_tried();
	_exit(syscall(SYS_tgkill, parent, parent, 0) < 0 && errno == EPERM ? 0 : 1);
}

static void signal_itself(void)
{
	confine_tried();
	_exit(syscall(SYS_tgkill, getpid(), gettid(), SIGCONT) == 0 ? 0 : 1);
}

static void execute(void)
{
	confine_tried();
#ifdef __SANITIZE_ADDRESS__
	/* The reports of sanitizers start a program, so their builds allow it. */
	_exit(0);
#endif
	execl("/bin/false", "false", NULL);
	_exit(errno == EPERM ? 0 : 1);
}

static void open_raw_socket(void)
{
	confine_tried();
	_exit(syscall(SYS_socket, AF_PACKET, SOCK_RAW, 0) < 0 && errno == EPERM ? 0 : 1);
}

/* Refused, or ended by it. */
static void assert_denied(in_child_fn body)
{
	int status = run(body);

	assert_true(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS));
}

static void each_is_confined(void **state _unused_)
{
	static const enum sandbox all[] = {SANDBOX_COMPILER, SANDBOX_RUNNER, SANDBOX_WATCHER,
		SANDBOX_GUARD, SANDBOX_KEEPER, SANDBOX_NAMES, SANDBOX_SYMBOLS, SANDBOX_FETCHER,
		SANDBOX_PROGRESS};

	_Static_assert(ARRAY_SIZE(all) == NR_SANDBOXES, "all of them");
	if (!may_leave())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		tried = &all[i];
		assert_denied(open_secret);
		assert_denied(kill_root);
		assert_denied(signal_thread_of_root);
		assert_denied(execute);
		assert_denied(open_raw_socket);
		assert_exits(signal_itself, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_kept),
		cmocka_unit_test(one_is_kept),
		cmocka_unit_test(trying_restores),
		cmocka_unit_test(names_are_listed),
		cmocka_unit_test(filter_is_seen),
		cmocka_unit_test(runner_list_is_enough),
		cmocka_unit_test(runner_may_hand_over),
		cmocka_unit_test(runner_is_killed),
		cmocka_unit_test(compiler_reads_only),
		cmocka_unit_test(user_is_left),
		cmocka_unit_test(user_stays),
		cmocka_unit_test(each_is_confined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
