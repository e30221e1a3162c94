/* SPDX-License-Identifier: Apache-2.0 */
/* One link for many functions of the kernel. Source: union bpf_attr, link_create.kprobe_multi, in
 * the kernel's include/uapi/linux/bpf.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* BPF_TRACE_KPROBE_SESSION, which older headers lack. */
#define KPROBE_SESSION_ATTACH_TYPE 56

struct kprobe_multi {
	const char **names;        /* or */
	const uint64_t *addresses; /* NULL: by name */
	const uint64_t *cookies;
	size_t count;
	bool is_return;
	bool is_session; /* entry and return: its program is of KPROBE_SESSION_ATTACH_TYPE */
};

/* Whether the running kernel has it, found out by asking for a link that cannot be. */
bool kprobe_multi_works(void);

/* The descriptor of the link, or a negative errno value. */
int kprobe_multi_attach(int program_fd, const struct kprobe_multi *multi);
