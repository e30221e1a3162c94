/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the kernel can probe an instruction. It looks when a process maps the file; before that
 * attaching succeeds, and the probe is never hit. */
#pragma once

#include "attach.h"

/* Tries it in this process, with the program that is to be attached. Returns 0, also where trying
 * is not possible, or UPROBE_ENOTSUPP. */
int uprobe_trial(
	const struct attachments *attachments, const struct manifest_probe *probe, int program_fd);
