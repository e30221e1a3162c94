/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The object that is loaded into the kernel, from the bundle that it is made from to the memory
 * that its programs share with this process.
 */
#pragma once

#include <bpf/libbpf.h>
#include <stdint.h>

#include "bpftrace/door/bundle.h"
#include "bpftrace/door/state.h"
#include "libcommon/base/arena.h"

struct map_layout;

struct traced {
	struct arena arena; /* as long as the run */
	struct bundle bundle;
	struct script_arguments arguments; /* the words for its options */
	bool is_saved;                     /* the bundle is a file's, not of this run's compiler */
	struct bpf_object *object;         /* NULL before load */
	struct constants constants;        /* that programs were loaded with */
	volatile struct state *state;      /* mapped; NULL before load */
	int data_ring_fd;                  /* borrowed; -1 when the script sends no such records */
	int control_ring_fd;
	struct map_layout *map_layouts; /* one per map of the manifest (mapread.h) */
	int fence_fd, fence_member_fd;  /* of swapped maps (swap.h); -1 when there are none */
};

#define TRACED_INIT                                                                                \
	((struct traced){                                                                          \
		.data_ring_fd = -1,                                                                \
		.control_ring_fd = -1,                                                             \
		.fence_fd = -1,                                                                    \
		.fence_member_fd = -1,                                                             \
	})

/* Closes the object and frees what traced owns. */
void traced_deinit(struct traced *traced);
