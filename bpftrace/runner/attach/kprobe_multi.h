/* SPDX-License-Identifier: Apache-2.0 */
/* One link for many functions of the kernel, or several where it refuses some of them. */
#pragma once

#include "kprobe_link.h"

/* Whether the running kernel has such links, by trying an impossible one. */
bool kprobe_multi_works(void);

/* Attaches a program, which was loaded for it, to all functions that the members of the link mean.
 */
struct error *kprobe_multi_attach(struct attachments *attachments, uint32_t link,
	const struct kprobe_way *way, struct attachment *ret);
