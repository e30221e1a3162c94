/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signal comes when the stack is full, and regularly while the processor works; the handlers call
 * the kernel only. So the messages are made before.
 */
#include "guard.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
	SECONDS_MAX = 30,        /* of the processor's time */
	MEGABYTES_MAX = 3 << 10, /* more than before */
	TICK_US = 100000,
	PROGRESS_MS = 900,
	HANDLER_STACK = 64 << 10,
	BELOW_STACK = 1 << 20, /* the kernel maps nothing so near */
	STATUS_REFUSED = 1,
};

enum limit { LIMIT_STACK, LIMIT_TIME, LIMIT_MEMORY, NR_LIMITS };

static struct {
	unsigned depth;
	struct str messages[NR_LIMITS];
	uint64_t waits_since;
	struct rusage before;
	uintptr_t stack, stack_size;
	struct sigaction fault, tick; /* as they were */
	stack_t alternate;
} guard;

/* --- in handlers --- */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

_Noreturn static void refuse(enum limit limit)
{
	static const char clear_line[] = "\r\033[K";
	const struct str *message = &guard.messages[limit];
	ssize_t written = 0;

	if (guard.waits_since && now_ms() - guard.waits_since > PROGRESS_MS)
		written = write(STDERR_FILENO, clear_line, sizeof(clear_line) - 1);
	for (size_t done = 0; done < message->length && written >= 0; done += (size_t)written)
		written = write(STDERR_FILENO, message->data + done, message->length - done);
	_exit(STATUS_REFUSED);
}

static void on_fault(int number, siginfo_t *info, void *context _unused_)
{
	uintptr_t address = (uintptr_t)info->si_addr;

	if (address < guard.stack && guard.stack - address < guard.stack_size + BELOW_STACK)
		refuse(LIMIT_STACK);
	/* Another fault is a defect: the instruction is repeated. */
	sigaction(number, &guard.fault, NULL);
}

static void on_tick(int number _unused_)
{
	struct rusage now;
	int before = errno;

	getrusage(RUSAGE_SELF, &now);
	if (now.ru_utime.tv_sec - guard.before.ru_utime.tv_sec > SECONDS_MAX)
		refuse(LIMIT_TIME);
	if ((now.ru_maxrss - guard.before.ru_maxrss) >> 10 > MEGABYTES_MAX)
		refuse(LIMIT_MEMORY);
	errno = before;
}

/* --- messages --- */

/* The first of the script's lines that a C compiler reads. */
static struct span first_text(const struct cfront *cfront)
{
	const struct c_item *item;

	vec_for_each (&cfront->items, item) {
		if (item->kind <= C_DEFINITION)
			return item->span;
	}
	return (struct span){.source = cfront->c->source};
}

static void prepare_messages(const struct cfront *cfront)
{
	static const char *const texts[NR_LIMITS] = {
		[LIMIT_STACK] = "the text in C, with its headers, is nested too deeply for the "
				"stack of the C compiler",
		[LIMIT_TIME] = "the text in C, with its headers, takes the C compiler more than 30 "
			       "seconds",
		[LIMIT_MEMORY] = "the text in C, with its headers, takes the C compiler more than "
				 "3 GB of memory",
	};
	const struct source *source = &cfront->c->diags->sources.items[cfront->c->source];
	struct span span = first_text(cfront);

	for (size_t i = 0; i < NR_LIMITS; i++) {
		struct diags diags = DIAGS_INIT;

		span.source = diags_add_source(&diags, source->name, source->text, source->length);
		diag_error(&diags, span, "%s", texts[i]);
		str_truncate(&guard.messages[i], 0);
		diags_render(&diags, true, &guard.messages[i]);
		diags_deinit(&diags);
	}
}

/* --- from begin to end --- */

static void catch_signals(void)
{
	static char stack[HANDLER_STACK];
	const struct sigaction fault = {
		.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
	const struct sigaction tick = {.sa_handler = on_tick, .sa_flags = SA_RESTART | SA_ONSTACK};
	const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
	const struct itimerval interval = {{0, TICK_US}, {0, TICK_US}};

	sigaltstack(&alternate, &guard.alternate);
	sigaction(SIGSEGV, &fault, &guard.fault);
	sigaction(SIGPROF, &tick, &guard.tick);
	setitimer(ITIMER_PROF, &interval, NULL);
}

void guard_begin(const struct cfront *cfront)
{
	const void *frame = __builtin_frame_address(0);
	struct rlimit limit = {};

	if (guard.depth++)
		return;
	if (!guard.messages[0].length)
		prepare_messages(cfront);
	getrlimit(RLIMIT_STACK, &limit);
	guard.stack = (uintptr_t)frame;
	guard.stack_size = (uintptr_t)MIN(limit.rlim_cur, (rlim_t)guard.stack / 2);
	guard.waits_since = cfront->c->request->waits_since;
	getrusage(RUSAGE_SELF, &guard.before);
	catch_signals();
}

void guard_end(void)
{
	const struct itimerval none = {};

	if (--guard.depth)
		return;
	setitimer(ITIMER_PROF, &none, NULL);
	sigaction(SIGPROF, &guard.tick, NULL);
	sigaction(SIGSEGV, &guard.fault, NULL);
	sigaltstack(&guard.alternate, NULL);
}
