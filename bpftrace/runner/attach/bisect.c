/* SPDX-License-Identifier: Apache-2.0 */
#include "bisect.h"

static struct error *attach_part(const struct bisect *bisect, const struct waiter *waiter,
	size_t first, size_t count, struct attachment *ret)
{
	size_t half = count / 2;

	if (count == 0 || waiter_interrupted(waiter))
		return NULL;

	int fd = bisect->create(bisect->context, first, count);

	if (fd >= 0) {
		attachment_add(ret, fd);
		if (bisect->attached)
			bisect->attached(bisect->context, first, count);
		return NULL;
	}
	if (count == 1)
		return bisect->refused(bisect->context, first, -fd);
	if (!bisect->is_about_members(-fd))
		return bisect->failed(bisect->context, first, -fd);

	struct error *error = attach_part(bisect, waiter, first, half, ret);

	return error ? error : attach_part(bisect, waiter, first + half, count - half, ret);
}

struct error *bisect_attach(const struct bisect *bisect, const struct waiter *waiter, size_t count,
	struct attachment *ret)
{
	return attach_part(bisect, waiter, 0, count, ret);
}
