/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about links of kprobes that all ways to attach them use: how a link is attached, the
 * functions of a probe, and errors. */
#pragma once

#include "attach.h"

/* The program that is attached to the functions of a link. */
struct kprobe_way {
	int program_fd;
	bool is_return;
	bool is_silent; /* refused functions are reported by the link's own program */
};

/* Whether one link of the kernel is for all members. */
bool kprobe_link_is_multi(const struct attachments *attachments, uint32_t link);

/* Whether its members are addresses. */
bool kprobe_link_is_by_address(const struct attachments *attachments, uint32_t link);

enum obstacle kprobe_link_obstacle(const struct attachments *attachments, uint32_t link);

/* Appends the addresses of all functions of the probe; none where addresses are hidden. */
void kprobe_link_addresses(struct attachments *attachments, const struct manifest_probe *probe,
	function_addresses *ret);

/* The error that this errno value means for the probe; and the same by attach_skip_optional. */
struct error *kprobe_link_failed(
	const struct attachments *attachments, const struct manifest_probe *probe, int number);
struct error *kprobe_link_refuse(
	struct attachments *attachments, const struct manifest_probe *probe, int number);
