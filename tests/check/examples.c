/* SPDX-License-Identifier: Apache-2.0 */
/* The program that examples of the man pages trace: ./server, /bin/app. */
#include <stddef.h>
#include <stdlib.h>

enum state {
	STATE_CLOSED,
	STATE_OPEN,
};

struct conn {
	int fd;
	enum state state;
};

int handle(struct conn *conn)
{
	return conn->state == STATE_OPEN ? conn->fd : -1;
}

void *alloc(size_t size)
{
	return malloc(size);
}

int main(void)
{
	struct conn conn = {1, STATE_OPEN};

	free(alloc(100));
	return handle(&conn) != 1;
}
