/* SPDX-License-Identifier: Apache-2.0 */
#include "overflow.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

enum { STACK = 64 << 10 };

static const char message[] =
	"ERROR: the C compiler failed at the script's text in C: what a macro expands to, or a "
	"definition, is too long or nested too deeply\n";

static struct sigaction previous;

static void give_up(int number)
{
	ssize_t written = write(STDERR_FILENO, message, sizeof(message) - 1);

	_exit(written < 0 ? number : 1);
}

void overflow_begin(void)
{
	static char memory[STACK];
	const stack_t stack = {.ss_sp = memory, .ss_size = sizeof(memory)};
	const struct sigaction action = {.sa_handler = give_up, .sa_flags = SA_ONSTACK};

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, &previous);
}

void overflow_end(void)
{
	sigaction(SIGSEGV, &previous, NULL);
}
