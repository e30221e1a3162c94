/* SPDX-License-Identifier: Apache-2.0 */
#include "long_work.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

static struct {
	uint32_t goes_on;
	uint32_t is_cancelled;
} * shared;

struct error *long_work_share(void)
{
	void *memory = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return error_system(errno, "cannot share memory");
	shared = memory;
	return NULL;
}

void long_work_set(bool goes_on)
{
	__atomic_store_n(&shared->goes_on, goes_on, __ATOMIC_RELAXED);
}

bool long_work_is_cancelled(void)
{
	return __atomic_load_n(&shared->is_cancelled, __ATOMIC_RELAXED);
}

bool long_work_goes_on(void)
{
	return shared && __atomic_load_n(&shared->goes_on, __ATOMIC_RELAXED);
}

bool long_work_cancel(void)
{
	return long_work_goes_on() &&
	       !__atomic_exchange_n(&shared->is_cancelled, 1, __ATOMIC_RELAXED);
}
