/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads of the benchmark. All pin themselves to one CPU and make one cheap system call that hardly
 * any other program makes, or call a function of their own, so that what is counted or printed is
 * theirs. What they say on standard output is what they really did: numbers, one line.
 */
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "paths.h"

#define BATCH 100 /* calls between two looks at the clock */

struct job {
	const char *name;
	const char *arguments; /* all of them numbers */
	int count;
	void (*run)(const long *arguments);
};

static int64_t nanoseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void call(long times)
{
	while (times-- > 0)
		syscall(SYS_sched_get_priority_max, SCHED_OTHER);
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* The median over rounds of what one call takes, in nanoseconds: interruptions fall out of it. */
static void do_calls(const long *arguments)
{
	long rounds = arguments[0], times = arguments[1];
	double *took = calloc((size_t)rounds, sizeof(*took));

	if (!took)
		exit(1);
	call(times);
	for (long i = 0; i < rounds; i++) {
		int64_t start = nanoseconds(CLOCK_MONOTONIC);

		call(times);
		took[i] = (double)(nanoseconds(CLOCK_MONOTONIC) - start) / (double)times;
	}
	qsort(took, (size_t)rounds, sizeof(*took), compare);
	printf("%.2f\n", took[rounds / 2]);
	free(took);
}

/*
 * Calls for so many milliseconds, at full speed where the rate (calls a second) is 0. Says when it
 * began (nanoseconds since 1970), how long it took (nanoseconds), and how many calls it made.
 */
static void do_flood(const long *arguments)
{
	long milliseconds = arguments[0], rate = arguments[1];
	int64_t began = nanoseconds(CLOCK_REALTIME), start = nanoseconds(CLOCK_MONOTONIC);
	int64_t now = start, end = start + (int64_t)milliseconds * 1000000;
	long made = 0;

	while (now < end) {
		if (rate == 0 || (double)made < (double)(now - start) * (double)rate / 1e9) {
			call(BATCH);
			made += BATCH;
		}
		now = nanoseconds(CLOCK_MONOTONIC);
	}
	printf("%lld %lld %ld\n", (long long)began, (long long)(now - start), made);
}

static void call_rounds(void *arguments)
{
	do_calls(arguments);
}

/* The same below a path of so many functions. */
static void do_deep_calls(const long *arguments)
{
	path_walk(0, arguments[2], call_rounds, (void *)(uintptr_t)arguments);
}

/* Calls stack_end() at the end of so many different paths of so many functions. Stays until
 * standard input is at its end: some programs know names of processes that run only. */
static void do_paths(const long *arguments)
{
	for (long i = 0; i < arguments[0]; i++)
		path_walk((uint64_t)i, arguments[1], stack_end, NULL);
	printf("%ld\n", arguments[0]);
	fflush(stdout);
	while (getchar() != EOF)
		;
}

static const struct job jobs[] = {
	{"calls", "CPU ROUNDS CALLS", 3, do_calls},
	{"deep-calls", "CPU ROUNDS CALLS DEPTH", 4, do_deep_calls},
	{"flood", "CPU MILLISECONDS RATE", 3, do_flood},
	{"paths", "CPU PATHS DEPTH", 3, do_paths},
};

static void pin(long cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((unsigned)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("benchload: sched_setaffinity");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	long arguments[8] = {0};

	for (int i = 2; i < argc && i < 10; i++)
		arguments[i - 2] = atol(argv[i]);
	for (size_t i = 0; argc > 1 && i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		if (strcmp(argv[1], jobs[i].name) || argc - 2 != jobs[i].count)
			continue;
		pin(arguments[0]);
		jobs[i].run(arguments + 1);
		return 0;
	}
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
		fprintf(stderr, "benchload %s %s\n", jobs[i].name, jobs[i].arguments);
	return 2;
}
