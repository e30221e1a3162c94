/* SPDX-License-Identifier: Apache-2.0 */
#include "opening.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "libcommon/base/str.h"
#include "process_list.h"

enum { HEADER = offsetof(struct opening, path) };

/* Ancillary data of one descriptor (SCM_RIGHTS). */
union ancillary {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* --- the compiler's side --- */

static bool send_question(int socket, const struct opening *opening)
{
	size_t size = HEADER + strlen(opening->path) + 1;
	ssize_t sent;

	do
		sent = send(socket, opening, size, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)size;
}

static int take_descriptor(struct msghdr *message)
{
	const struct cmsghdr *control = CMSG_FIRSTHDR(message);
	int fd = -ENOLINK;

	if (control && control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_RIGHTS &&
		control->cmsg_len == CMSG_LEN(sizeof(fd)))
		memcpy(&fd, CMSG_DATA(control), sizeof(fd));
	return fd;
}

static int receive_answer(int socket)
{
	union ancillary ancillary;
	int32_t number = 0;
	struct iovec data = {&number, sizeof(number)};
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &ancillary,
		.msg_controllen = sizeof(ancillary),
	};
	ssize_t size;

	do
		size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (size < 0 && errno == EINTR);
	if (size != sizeof(number) || number > 0)
		return -ENOLINK;
	return number ? number : take_descriptor(&message);
}

static int ask(
	const struct host_opener *opener, uint32_t root, const char *path, enum host_wanted wanted)
{
	const struct opening_client *client = (const struct opening_client *)opener;
	struct opening opening = {.root = root, .wanted = wanted};

	if (strlen(path) >= sizeof(opening.path))
		return -ENAMETOOLONG;
	strcpy(opening.path, path);
	return send_question(client->socket, &opening) ? receive_answer(client->socket) : -ENOLINK;
}

struct opening_cache {
	struct arena *arena;
	bool is_asked;
	bool is_known;
	struct processes processes;
};

static struct error *read_list(int fd, struct opening_cache *cache)
{
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_json_ json_t *json = NULL;
	int number = str_read(&text, fd);
	struct error *error = number ? error_system(number, "processes") : NULL;

	if (!error)
		error = json_parse(str_text(&text), text.length, &json);
	if (!error)
		error = process_list_from_json(json, cache->arena, &cache->processes);
	return error;
}

/* Where the runner passes no descriptor of a root directory, files below it are requested one by
 * one. */
static void open_roots(const struct host_opener *opener, struct processes *processes)
{
	struct process_root *root;

	vec_for_each (&processes->roots, root) {
		int fd = ask(opener, root->host.root, "", HOST_ROOT);

		root->host.root_fd = MAX(fd, -1);
		root->host.opener = opener;
	}
}

static void ask_processes(const struct host_opener *opener, struct opening_cache *cache)
{
	_cleanup_close_ int fd = ask(opener, 0, "", HOST_PROCESSES);
	_cleanup_error_ struct error *error = fd < 0 ? NULL : read_list(fd, cache);

	cache->is_asked = true;
	cache->is_known = fd >= 0 && !error;
	if (cache->is_known)
		open_roots(opener, &cache->processes);
}

static const struct processes *processes(const struct host_opener *opener)
{
	struct opening_cache *cache = ((const struct opening_client *)opener)->cache;

	if (!cache->is_asked)
		ask_processes(opener, cache);
	return cache->is_known ? &cache->processes : NULL;
}

struct opening_client opening_client(int socket, struct arena *arena)
{
	struct opening_client client = {
		.opener = {.open = ask, .processes = processes},
		.socket = socket,
		.cache = arena_new(arena, struct opening_cache),
	};

	client.cache->arena = arena;
	return client;
}

void opening_client_deinit(struct opening_client *client)
{
	processes_deinit(&client->cache->processes);
}

/* --- the runner's side --- */

bool opening_receive(int socket, struct opening *ret)
{
	ssize_t size;

	/* MSG_TRUNC: the size of what was sent, also when it is more than there is room for. */
	do
		size = recv(socket, ret, sizeof(*ret), MSG_TRUNC);
	while (size < 0 && errno == EINTR);
	if (size <= HEADER || size > (ssize_t)sizeof(*ret) || ret->wanted >= NR_HOST_WANTED)
		return false;
	return memchr(ret->path, '\0', (size_t)size - HEADER) == ret->path + size - HEADER - 1;
}

bool opening_answer(int socket, int fd_or_error)
{
	union ancillary ancillary = {};
	int32_t number = MIN(fd_or_error, 0);
	struct iovec data = {&number, sizeof(number)};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};

	if (number == 0) {
		message.msg_control = &ancillary;
		message.msg_controllen = sizeof(ancillary);
		ancillary.header.cmsg_level = SOL_SOCKET;
		ancillary.header.cmsg_type = SCM_RIGHTS;
		ancillary.header.cmsg_len = CMSG_LEN(sizeof(fd_or_error));
		memcpy(CMSG_DATA(&ancillary.header), &fd_or_error, sizeof(fd_or_error));
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(number);
}
