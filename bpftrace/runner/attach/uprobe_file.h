/* SPDX-License-Identifier: Apache-2.0 */
/* Places in ELF files, and one perf event for one of them; for the rows that use these. */
#pragma once

#include "attach.h"

/* A path by which the kernel finds the file of a probe, which may be below another root. */
struct uprobe_file {
	const char *path;
	char own[32];
	int fd;
};

struct error *uprobe_file_open(
	const struct session *session, const struct manifest_probe *probe, struct uprobe_file *ret);
void uprobe_file_close(struct uprobe_file *file);

/* What the kernel answers for an instruction that it cannot move; not among those of errno(3). */
enum { UPROBE_ENOTSUPP = 524 };

/* "cannot attach NAME: cause"; kind says by what kind of link. */
struct error *uprobe_file_failed(const struct session *session, enum obstacle kind,
	const struct manifest_probe *probe, int number);

/* Attaches the program to the probe's place; adds a descriptor to *ret. */
struct error *uprobe_file_attach(const struct session *session, const struct manifest_probe *probe,
	bool is_return, int program_fd, struct attachment *ret);

#define _cleanup_uprobe_file_ _cleanup_(uprobe_file_close)
