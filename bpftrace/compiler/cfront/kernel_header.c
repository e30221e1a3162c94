/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel_header.h"

#include <stddef.h>

#include "libcommon/base/attributes.h"

const char *kernel_header(const struct compilation *c _unused_, const char *name _unused_)
{
	return NULL;
}
