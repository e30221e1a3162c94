/* SPDX-License-Identifier: Apache-2.0 */
/* Places in ELF files, and one perf event for one of them; for kinds that use these. */
#pragma once

#include "attach.h"

/* A path by which the kernel finds the file of a probe, which may be below another root. */
struct uprobe_file {
	const char *path;
	char own[32];
	int fd; /* to be closed; -1: none */
};

struct error *uprobe_file_open(const struct attachments *attachments,
	const struct manifest_probe *probe, struct uprobe_file *ret);
void uprobe_file_close(struct uprobe_file *file);

/* Whether the probe is in a file that was opened for the compiler. */
bool uprobe_file_is_of(const struct attachments *attachments, const struct broker_file *file,
	const struct manifest_probe *probe);

/* Whether its path leads through another process, and nothing was opened for it yet. */
bool uprobe_file_needs_processes(
	const struct attachments *attachments, const struct manifest_probe *probe);

/* The kernel's error for an instruction that it cannot move; not in errno(3). */
enum { UPROBE_ENOTSUPP = 524 };

/* The error "cannot attach NAME: cause"; kind: of the link. */
struct error *uprobe_file_failed(const struct attachments *attachments, enum obstacle kind,
	const struct manifest_probe *probe, int number);

/* Attaches the program to the probe's place; adds a descriptor to *ret. */
struct error *uprobe_file_attach(const struct attachments *attachments,
	const struct manifest_probe *probe, bool is_return, int program_fd, struct attachment *ret);

/* Opens a perf event of this process at the probe's place, and closes it. Returns 0 or an errno
 * value. */
int uprobe_file_try(const struct attachments *attachments, const struct manifest_probe *probe,
	const char *path);

#define _cleanup_uprobe_file_ _cleanup_(uprobe_file_close)
