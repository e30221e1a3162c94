/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Returns of kernel functions that the kernel has no room to wait for. From Linux 6.7 on links
 * report how many they were; for older kernels a program at the entry of the functions counts them.
 */
#pragma once

#include "attach.h"

struct kprobe_missed {
	int program_fd; /* to be attached to the entries before the returns are; owned */
	int map_fd;     /* owned */
};

/* Whether the links of this kernel report it. */
bool kprobe_missed_is_reported(const struct attachments *attachments);

/* Loads the program, for a multi link or for perf events; false when it cannot be, as where
 * addresses are hidden. */
bool kprobe_missed_load(struct attachments *attachments, bool is_multi, struct kprobe_missed *ret);
void kprobe_missed_deinit(struct kprobe_missed *missed);

/* Counts from now on: the returns are attached. */
void kprobe_missed_start(int map_fd);

uint64_t kprobe_missed_count(int map_fd);
