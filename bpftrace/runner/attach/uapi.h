/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the kernel's ABI (include/uapi/linux/bpf.h) that older headers and libbpf lack.
 * Layouts and numbers are fixed for all kernels.
 */
#pragma once

#include <stdint.h>

/* expected_attach_type of programs. */
enum {
	UAPI_TRACE_UPROBE_MULTI = 48,
	UAPI_TRACE_KPROBE_SESSION = 56,
};

enum { UAPI_UPROBE_MULTI_RETURN = 1 }; /* of the flags of a uprobe_multi link */

/* union bpf_attr for BPF_LINK_CREATE of a kprobe_multi link. */
struct uapi_kprobe_multi {
	uint32_t program_fd;
	uint32_t target_fd;
	uint32_t attach_type;
	uint32_t flags;
	uint32_t multi_flags;
	uint32_t count;
	uint64_t names;
	uint64_t addresses;
	uint64_t cookies;
};
_Static_assert(sizeof(struct uapi_kprobe_multi) == 48, "the layout is the kernel's");

/* The same of a uprobe_multi link. */
struct uapi_uprobe_multi {
	uint32_t program_fd;
	uint32_t target_fd;
	uint32_t attach_type;
	uint32_t flags;
	uint64_t path;
	uint64_t offsets;
	uint64_t reference_counters;
	uint64_t cookies;
	uint32_t count;
	uint32_t multi_flags;
	uint32_t pid;
	uint32_t padding;
};
_Static_assert(sizeof(struct uapi_uprobe_multi) == 64, "the layout is the kernel's");

/* Types of links. */
enum {
	UAPI_LINK_PERF_EVENT = 7,
	UAPI_LINK_KPROBE_MULTI = 8,
};

/* struct bpf_link_info of links to functions of the kernel, with the counts of Linux 6.7; zero
 * where the kernel does not count. */
struct uapi_link_info {
	uint32_t type, id, program, padding;
	union {
		struct {
			uint64_t addresses;
			uint32_t count, flags;
			uint64_t missed;
		} multi;
		struct {
			uint32_t type, padding;
			uint64_t name;
			uint32_t name_length, offset;
			uint64_t address, missed;
		} single;
	};
	uint64_t rest[16]; /* newer kernels write more */
};
