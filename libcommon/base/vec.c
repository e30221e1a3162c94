/* SPDX-License-Identifier: Apache-2.0 */
#include "vec.h"

#include <stdint.h>
#include <string.h>

#include "alloc.h"

void *vec_grow(void **items, size_t *count, size_t *capacity, size_t size)
{
	char *data;

	/* The caller's pointer is one to another type: go through its bytes, not through void *. */
	memcpy(&data, items, sizeof(data));
	if (*count == *capacity) {
		size_t wanted = *capacity ? *capacity * 2 : 8;

		data = xrealloc(data, wanted <= SIZE_MAX / size ? wanted * size : SIZE_MAX / 2);
		memcpy(items, &data, sizeof(data));
		*capacity = wanted;
	}

	void *item = data + *count * size;

	memset(item, 0, size);
	(*count)++;
	return item;
}
