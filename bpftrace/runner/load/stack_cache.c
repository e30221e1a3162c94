/* SPDX-License-Identifier: Apache-2.0 */
#include "stack_cache.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sched.h>
#include <stdlib.h>

#include "bpftrace/door/stack.h"
#include "libcommon/base/alloc.h"

/* The number of no stack. */
static void take_and_return(int fd, const void *value)
{
	const uint64_t number = 0;

	if (bpf_map_update_elem(fd, &number, value, BPF_ANY) == 0)
		(void)bpf_map_delete_elem(fd, &number);
}

static void take_on_each_cpu(int fd, const void *value, size_t cpus)
{
	size_t size = CPU_ALLOC_SIZE(cpus);
	cpu_set_t *allowed = xcalloc(1, size), *one = xcalloc(1, size);

	if (sched_getaffinity(0, size, allowed) == 0) {
		for (size_t cpu = 0; cpu < cpus; cpu++) {
			CPU_ZERO_S(size, one);
			CPU_SET_S(cpu, size, one);
			if (sched_setaffinity(0, size, one) == 0)
				take_and_return(fd, value);
		}
		(void)sched_setaffinity(0, size, allowed);
	}
	free(allowed);
	free(one);
}

void stack_cache_fill(const struct traced *traced)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(traced->object, MAP_STACKS);
	int cpus = libbpf_num_possible_cpus();

	if (!map || cpus < 1 || !(bpf_map__map_flags(map) & BPF_F_NO_PREALLOC))
		return;

	_cleanup_free_ void *value = xcalloc(1, bpf_map__value_size(map));

	take_on_each_cpu(bpf_map__fd(map), value, (size_t)cpus);
}
