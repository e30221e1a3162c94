/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One link for many places of one ELF file, by bpf(2) itself: libbpf before 1.3 lacks the call.
 * Source: union bpf_attr, link_create.uprobe_multi, in the kernel's include/uapi/linux/bpf.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct uprobe_multi {
	const char *path;
	const uint64_t *offsets;
	const uint64_t *cookies;
	const uint64_t *semaphores; /* file offset of a counter for each place, 0 for none */
	uint32_t count;
	bool is_return;
	pid_t pid; /* 0: all processes */
};

/* Whether the running kernel has it, by trying an impossible link. */
bool uprobe_multi_works(void);

/* Whether its pid is a process; before Linux 6.10 it was a single thread. program_fd: any program
 * that was loaded for such links. */
bool uprobe_multi_knows_processes(int program_fd);

/* The descriptor of the link, or a negative errno value. */
int uprobe_multi_attach(int program_fd, const struct uprobe_multi *multi);
