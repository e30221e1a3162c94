/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that is not preempted has ended when another task runs on its CPU: this one goes there.
 * On a few CPUs that takes microseconds where a grace period of RCU (membarrier(2)) takes 10 to 20
 * milliseconds; on many busy ones it is the other way round.
 */
#include "quiesce.h"

#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FEW_CPUS = 8 };

static void visit(const cpu_set_t *cpus)
{
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		cpu_set_t one;

		if (!CPU_ISSET(cpu, cpus))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
	}
	sched_setaffinity(0, sizeof(*cpus), cpus);
}

void quiesce(void)
{
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0 && CPU_COUNT(&allowed) <= FEW_CPUS)
		visit(&allowed);
	else
		syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}
