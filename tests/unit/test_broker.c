/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays the compiler at the other end of the broker's socket: what it gets, and what it is refused
 * whatever it sends.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "bpftrace/runner/process/broker.h"
#include "libcommon/elf/elf.h"
#include "tests/unit/tree.h"

#define ELF_HEAD(type) "\177ELF\002\001\001\0\0\0\0\0\0\0\0\0" type "\0\076\0"

struct fixture {
	struct tree tree;
	struct broker broker;
	struct host host;
	struct arena arena;
	pid_t broker_pid;
	int socket;
};

/* A path below the tree, valid as long as the fixture. */
static const char *at(struct fixture *fixture, const char *path)
{
	return arena_printf(&fixture->arena, "%s%s", fixture->tree.path, path);
}

/* Serves until the socket is to be closed, as the runner does. */
static pid_t serve(struct broker *broker, int socket, int other)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	close(other);
	while (broker_serve(broker, socket))
		;
	_exit(0);
}

/* What the broker would find: a process in a jail. */
static void know_processes(struct fixture *fixture)
{
	struct processes *processes = &fixture->broker.processes;

	vec_push(&processes->roots, ((struct process_root){.pid = 7}));
	assert_success(host_open_root(at(fixture, "/jail"), &processes->roots.items[0].host));
	vec_push(&processes->files,
		((struct process_file){.path = "/bin/program", .root = 1, .is_program = true}));
	fixture->broker.has_processes = true;
}

static int setup(void **state)
{
	static struct fixture fixture;
	int pair[2];

	fixture = (struct fixture){.tree = tree_make()};
	assert_success(host_open_root("/", &fixture.host));
	fixture.broker.host = &fixture.host;
	fixture.broker.arena = &fixture.arena;
	tree_write(&fixture.tree, "/program", ELF_HEAD("\003"), sizeof(ELF_HEAD("\003")));
	tree_write(&fixture.tree, "/jail/bin/program", ELF_HEAD("\002"), sizeof(ELF_HEAD("\002")));
	know_processes(&fixture);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	fixture.broker_pid = serve(&fixture.broker, pair[1], pair[0]);
	close(pair[1]);
	fixture.socket = pair[0];
	*state = &fixture;
	return 0;
}

/* The broker ends by itself once the compiler's end is closed. */
static int teardown(void **state)
{
	struct fixture *fixture = *state;
	int status = -1;

	cleanup_close(&fixture->socket);
	assert_int_equal(waitpid(fixture->broker_pid, &status, 0), fixture->broker_pid);
	assert_int_equal(status, 0);
	broker_deinit(&fixture->broker);
	host_deinit(&fixture->host);
	arena_deinit(&fixture->arena);
	tree_remove(&fixture->tree);
	return 0;
}

static int ask_root(
	struct fixture *fixture, uint32_t root, const char *path, enum host_wanted wanted)
{
	struct opening_client client = opening_client(fixture->socket, &fixture->arena);

	return client.opener.open(&client.opener, root, path, wanted);
}

static int ask(struct fixture *fixture, const char *path)
{
	return ask_root(fixture, 0, path, HOST_FILE);
}

/* A descriptor that can be read and not written, of the file at path. */
static void assert_opened(int fd, const char *path)
{
	struct stat got, expected;

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(fstat(fd, &got), 0);
	assert_int_equal(stat(path, &expected), 0);
	assert_int_equal(got.st_ino, expected.st_ino);
	close(fd);
}

static void what_it_opens(void **state)
{
	struct fixture *fixture = *state;
	const unsigned char btf[] = {0x9f, 0xeb, 1, 0, 24, 0, 0, 0};
	const char cache[] = "glibc-ld.so.cache1.1 and more";

	tree_write(&fixture->tree, "/types", (const char *)btf, sizeof(btf));
	tree_write(&fixture->tree, "/cache", cache, sizeof(cache));
	tree_link(&fixture->tree, "/link", "program");
	assert_opened(ask(fixture, at(fixture, "/program")), at(fixture, "/program"));
	assert_opened(ask(fixture, at(fixture, "/link")), at(fixture, "/program"));
	assert_opened(ask(fixture, at(fixture, "/types")), at(fixture, "/types"));
	assert_opened(ask(fixture, at(fixture, "/cache")), at(fixture, "/cache"));
	assert_opened(ask(fixture, "/proc/self/exe"), "/proc/self/exe");
}

/* Headers in C go by their names, with all links resolved, and are texts. */
static void headers(void **state)
{
	struct fixture *fixture = *state;

	tree_write_text(&fixture->tree, "/own.h", "#define N 5\n");
	tree_write_text(&fixture->tree, "/empty.hpp", "");
	tree_write_text(&fixture->tree, "/text", "root:x\n");
	tree_write(&fixture->tree, "/binary.h", "a\0b", 3);
	tree_link(&fixture->tree, "/name", "own.h");
	tree_link(&fixture->tree, "/alias.h", "text");
	assert_opened(ask(fixture, at(fixture, "/own.h")), at(fixture, "/own.h"));
	assert_opened(ask(fixture, at(fixture, "/empty.hpp")), at(fixture, "/empty.hpp"));
	assert_opened(ask(fixture, at(fixture, "/name")), at(fixture, "/own.h"));
	assert_int_equal(ask(fixture, at(fixture, "/alias.h")), -ENOEXEC);
	assert_int_equal(ask(fixture, at(fixture, "/binary.h")), -ENOEXEC);
	assert_int_equal(ask(fixture, at(fixture, "/text")), -ENOEXEC);
}

static void files_below_another_root(void **state)
{
	struct fixture *fixture = *state;

	tree_link(&fixture->tree, "/jail/out", "../../../../../program");
	assert_opened(
		ask_root(fixture, 1, "/bin/program", HOST_FILE), at(fixture, "/jail/bin/program"));
	assert_int_equal(ask_root(fixture, 1, at(fixture, "/program"), HOST_FILE), -ENOENT);
	assert_int_equal(ask_root(fixture, 1, "/out", HOST_FILE), -ENOENT);
	assert_int_equal(ask_root(fixture, 2, "/bin/program", HOST_FILE), -EINVAL);
	assert_int_equal(ask_root(fixture, UINT32_MAX, "/bin/program", HOST_FILE), -EINVAL);
}

static void what_it_refuses(void **state)
{
	struct fixture *fixture = *state;

	tree_write(&fixture->tree, "/core", ELF_HEAD("\004"), sizeof(ELF_HEAD("\004")));
	tree_write(&fixture->tree, "/short", "\177ELF", 4);
	tree_write(&fixture->tree, "/empty", "", 0);
	tree_write(&fixture->tree, "/secret", "root:x", 6);
	assert_int_equal(mkfifo(at(fixture, "/fifo"), 0600), 0);
	tree_link(&fixture->tree, "/format", "secret");
	tree_link(&fixture->tree, "/loop", "loop");
	tree_write(&fixture->tree, "/object", ELF_HEAD("\001"), sizeof(ELF_HEAD("\001")));
	tree_write(&fixture->tree, "/archive", "!<arch>\n", 8);
	assert_int_equal(ask(fixture, at(fixture, "/core")), -ELF_OTHER_CORE);
	assert_int_equal(ask(fixture, at(fixture, "/object")), -ELF_OTHER_OBJECT);
	assert_int_equal(ask(fixture, at(fixture, "/archive")), -ELF_OTHER_ARCHIVE);
	assert_int_equal(ask(fixture, at(fixture, "/short")), -ELF_OTHER_DAMAGED);
	assert_int_equal(ask(fixture, at(fixture, "/empty")), -ENOEXEC);
	assert_int_equal(ask(fixture, at(fixture, "/secret")), -ENOEXEC);
	assert_int_equal(ask(fixture, at(fixture, "/format")), -ENOEXEC);
	assert_int_equal(ask(fixture, at(fixture, "/fifo")), -EINVAL);
	assert_int_equal(ask(fixture, at(fixture, "/none")), -ENOENT);
	assert_int_equal(ask(fixture, at(fixture, "/loop")), -ELOOP);
	assert_int_equal(ask(fixture, at(fixture, "/secret/none")), -ENOTDIR);
	assert_int_equal(ask(fixture, at(fixture, "/jail")), -EISDIR);
	assert_int_equal(ask(fixture, "/dev/null"), -EINVAL);
	assert_int_equal(ask(fixture, "/dev/tty"), -EINVAL);
	assert_int_equal(ask(fixture, "/etc/shadow"), geteuid() ? -EACCES : -ENOEXEC);
	assert_int_equal(ask(fixture, "/proc/self/environ"), -EACCES);
	assert_int_equal(ask(fixture, "/proc/self/mem"), -EACCES);
	assert_int_equal(ask(fixture, "/proc/self/maps"), -EACCES);
	assert_int_equal(ask_root(fixture, 0, at(fixture, "/jail"), HOST_DIRECTORY), -EACCES);
	assert_int_equal(ask_root(fixture, 0, "/proc/self/root", HOST_DIRECTORY), -EACCES);
	assert_int_equal(ask_root(fixture, 0, "/proc/self/fd", HOST_NAMES), -EACCES);
	assert_int_equal(ask_root(fixture, 0, at(fixture, "/program"), HOST_NAMES), -ENOTDIR);
}

/* Names of what may be opened, and of directories; no others. */
static void names(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_str_ struct str text = STR_INIT;

	tree_write(&fixture->tree, "/jail/secret", "root:x", 6);
	tree_write(&fixture->tree, "/jail/library", ELF_HEAD("\003"), sizeof(ELF_HEAD("\003")));

	_cleanup_close_ int fd = ask_root(fixture, 0, at(fixture, "/jail"), HOST_NAMES);

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(str_read(&text, fd), 0);
	assert_int_equal(text.length, sizeof("bin") + sizeof("library"));
	assert_non_null(memmem(text.data, text.length, "bin", sizeof("bin")));
	assert_non_null(memmem(text.data, text.length, "library", sizeof("library")));
}

/* Processes are described once, with the directory of each root. */
static void processes_of_the_broker(void **state)
{
	struct fixture *fixture = *state;
	struct opening_client client = opening_client(fixture->socket, &fixture->arena);
	const struct processes *processes = client.opener.processes(&client.opener);
	struct stat jail, got;
	_cleanup_close_ int fd = -1;

	assert_non_null(processes);
	assert_ptr_equal(processes, client.opener.processes(&client.opener));
	assert_int_equal(processes->files.count, 1);
	assert_string_equal(processes->files.items[0].path, "/bin/program");
	assert_int_equal(processes->roots.count, 1);

	const struct host *root = &processes->roots.items[0].host;

	assert_int_equal(stat(at(fixture, "/jail"), &jail), 0);
	assert_int_equal(fstat(root->root_fd, &got), 0);
	assert_int_equal(got.st_ino, jail.st_ino);
	assert_true(fcntl(root->root_fd, F_GETFL) & O_PATH);
	assert_success(host_open(root, "/bin/program", O_RDONLY, &fd));
	assert_int_equal(ask_root(fixture, 0, "", HOST_ROOT), -EINVAL);
	assert_int_equal(ask_root(fixture, 2, "", HOST_ROOT), -EINVAL);
	opening_client_deinit(&client);
}

/* Without the directory, each file is asked for. */
static void a_root_without_a_directory(void **state)
{
	struct fixture *fixture = *state;
	struct opening_client client = opening_client(fixture->socket, &fixture->arena);
	const struct host root = {.root_fd = -1, .root = 1, .opener = &client.opener};
	_cleanup_close_ int fd = -1;

	assert_success(host_open(&root, "/bin/program", O_RDONLY, &fd));
	assert_true(fd >= 0);
}

/* The broker reads processes when it is asked, and those of -p alone. */
static void processes_on_demand(void **state _unused_)
{
	const pid_t pids[] = {getpid(), INT32_MAX};

	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		_cleanup_arena_ struct arena arena = ARENA_INIT;
		_cleanup_host_ struct host host = HOST_INIT;
		struct broker broker = {.host = &host, .arena = &arena, .pid = pids[i]};
		int pair[2];

		assert_success(host_open_root("/", &host));
		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);

		pid_t pid = serve(&broker, pair[1], pair[0]);
		struct opening_client client = opening_client(pair[0], &arena);
		const struct processes *processes = client.opener.processes(&client.opener);
		bool is_known = processes && processes->files.items[0].is_program;

		assert_int_equal(is_known, i == 0);
		opening_client_deinit(&client);
		close(pair[1]);
		close(pair[0]);
		waitpid(pid, NULL, 0);
		assert_int_equal(broker.processes.files.count, 0); /* read in the fork alone */
	}
}

/* Exchanges two links without end. */
static pid_t start_exchange(struct fixture *fixture)
{
	static const char *const targets[] = {"secret", "program"};
	const char *new = at(fixture, "/new"), *race = at(fixture, "/race");
	pid_t pid = fork();

	for (size_t i = 0; pid == 0; i++) {
		if (symlink(targets[i % 2], new) != 0 || rename(new, race) != 0)
			_exit(1);
	}
	return pid;
}

/* The same file by a spelling that was not asked for before. */
static const char *spell(struct fixture *fixture, const char *name, size_t number)
{
	_cleanup_str_ struct str path = STR_INIT;

	str_printf(&path, "%s/", fixture->tree.path);
	for (size_t i = 0; i < number; i++)
		str_append(&path, "./");
	str_append(&path, name);
	return arena_strdup(&fixture->arena, path.data);
}

/* While a link leads to a program and to a secret in turn, what is opened is the program. */
static void a_race(void **state)
{
	struct fixture *fixture = *state;
	struct stat program, status;

	tree_write(&fixture->tree, "/secret", "root:x", 6);
	tree_link(&fixture->tree, "/race", "program");
	assert_int_equal(stat(at(fixture, "/program"), &program), 0);

	pid_t pid = start_exchange(fixture);

	for (size_t i = 0; i < 1000; i++) {
		_cleanup_close_ int fd = ask(fixture, spell(fixture, "race", i));

		assert_true(fd >= 0 || fd == -ENOEXEC);
		if (fd >= 0) {
			assert_int_equal(fstat(fd, &status), 0);
			assert_int_equal(status.st_ino, program.st_ino);
		}
	}
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* What was read once stays what links are made to, whatever its path leads to later. */
static void a_file_that_is_replaced(void **state _unused_)
{
	struct tree tree = tree_make();
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct broker broker = {};
	struct stat before, after;
	_cleanup_free_ char *path = NULL;
	int pair[2];

	assert_int_not_equal(asprintf(&path, "%s/program", tree.path), -1);
	tree_write(&tree, "/program", ELF_HEAD("\003"), sizeof(ELF_HEAD("\003")));
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	for (int i = 0; i < 2; i++) {
		int status = -1;
		pid_t pid = fork();

		if (pid == 0) {
			struct opening_client client = opening_client(pair[0], &arena);
			int fd = client.opener.open(&client.opener, 0, path, HOST_FILE);

			close(pair[1]);
			_exit(fstat(fd, &after) != 0 || after.st_ino != before.st_ino);
		}

		assert_true(broker_serve(&broker, pair[1]));
		waitpid(pid, &status, 0);
		assert_int_equal(status, 0);
		assert_int_equal(unlink(path), 0);
		tree_write(&tree, "/program", ELF_HEAD("\002"), sizeof(ELF_HEAD("\002")));
	}
	assert_int_equal(fstat(broker_find(&broker, 0, path), &after), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	assert_int_equal(broker_find(&broker, 1, path), -1);
	broker_deinit(&broker);
	close(pair[0]);
	close(pair[1]);
	tree_remove(&tree);
}

/* Anything but a question ends the service. */
static void assert_ends(const void *data, size_t size)
{
	struct broker broker = {};
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	if (data)
		assert_int_equal(send(pair[0], data, size, 0), size);
	else
		close(TAKE_FD(pair[0]));
	assert_false(broker_serve(&broker, pair[1]));
	assert_int_equal(broker.questions, 0);
	cleanup_close(&pair[0]);
	close(pair[1]);
}

static void what_is_no_question(void **state _unused_)
{
	static char huge[sizeof(struct opening) + 1];
	struct opening question = {.path = "/usr/bin/program"};
	size_t header = offsetof(struct opening, path);

	assert_ends(NULL, 0);
	assert_ends("", 0);
	assert_ends("garbage", 7);
	assert_ends(&question, header);
	assert_ends(&question, header + 4); /* without its NUL */
	assert_ends(&question, header + strlen(question.path) + 2);
	memset(huge + header, '/', sizeof(huge) - header - 1);
	assert_ends(huge, sizeof(huge));
	memset(question.path, 'x', sizeof(question.path));
	assert_ends(&question, sizeof(question));
	question = (struct opening){.wanted = NR_HOST_WANTED, .path = "/"};
	assert_ends(&question, header + 2);
	question.wanted = UINT32_MAX;
	assert_ends(&question, header + 2);
}

/* Who asks without end and takes no answer is left. */
static void a_flood(void **state)
{
	struct fixture *fixture = *state;
	const struct opening question = {.path = "/none"};
	size_t size = offsetof(struct opening, path) + sizeof("/none"), sent = 0;

	while (send(fixture->socket, &question, size, MSG_NOSIGNAL) == (ssize_t)size)
		sent++;
	assert_true(errno == EPIPE || errno == ECONNRESET);
	assert_true(sent > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_it_opens, setup, teardown),
		cmocka_unit_test_setup_teardown(headers, setup, teardown),
		cmocka_unit_test_setup_teardown(files_below_another_root, setup, teardown),
		cmocka_unit_test_setup_teardown(what_it_refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(names, setup, teardown),
		cmocka_unit_test_setup_teardown(processes_of_the_broker, setup, teardown),
		cmocka_unit_test_setup_teardown(a_root_without_a_directory, setup, teardown),
		cmocka_unit_test(processes_on_demand),
		cmocka_unit_test_setup_teardown(a_race, setup, teardown),
		cmocka_unit_test_setup_teardown(a_flood, setup, teardown),
		cmocka_unit_test(a_file_that_is_replaced),
		cmocka_unit_test(what_is_no_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
