/* SPDX-License-Identifier: Apache-2.0 */
/*
 * This process maps the file, without a right to execute it, and attaches to the place for itself.
 * That takes the kernel a while, so only instructions are tried that kernels are known to
 * refuse. Source: arch/x86/kernel/uprobes.c.
 */
#include "uprobe_trial.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libcommon/host/arch.h"
#include "perf_event.h"
#include "uprobe_file.h"
#include "uprobe_multi.h"

enum { INSTRUCTION_MOST = 16 };

/* First bytes of instructions of x86: prefixes of segments, LOCK, of vectors (VEX, EVEX), ports,
 * and what only the kernel may execute. */
static const uint8_t doubtful[] = {0x26, 0x2e, 0x36, 0x3e, 0x62, 0x6c, 0x6d, 0x6e, 0x6f, 0xc4, 0xc5,
	0xcc, 0xcd, 0xe4, 0xe5, 0xe6, 0xe7, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf4, 0xfa, 0xfb};

static bool is_doubtful(int fd, uint64_t offset)
{
	uint8_t first;

	return strcmp(arch_native()->name, "x86_64") == 0 &&
	       pread(fd, &first, sizeof(first), (off_t)offset) == sizeof(first) &&
	       memchr(doubtful, first, sizeof(doubtful));
}

/* The page of the place; MAP_FAILED. */
static void *map_place(int fd, uint64_t offset, size_t page)
{
	return mmap(
		NULL, page, PROT_READ, MAP_PRIVATE, fd, (off_t)(offset & ~(uint64_t)(page - 1)));
}

/* For this process only. Returns 0 or an errno value. */
static int attach(const struct attachments *attachments, const struct manifest_probe *probe,
	const char *path, int program_fd)
{
	const struct uprobe_multi multi = {
		.path = path,
		.offsets = &probe->address,
		.semaphores = (uint64_t[1]){},
		.cookies = (uint64_t[1]){},
		.count = 1,
		.pid = getpid(),
	};
	_cleanup_close_ int fd = -1;

	if (attachments->uprobes != UPROBES_MULTI)
		return uprobe_file_try(attachments, probe, path);
	fd = uprobe_multi_attach(program_fd, &multi);
	return fd < 0 ? -fd : 0;
}

static int try_place(const struct attachments *attachments, const struct manifest_probe *probe,
	const char *path, int fd, int program_fd)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *place = map_place(fd, probe->address, page);
	int number;

	if (place == MAP_FAILED)
		return 0;
	number = attach(attachments, probe, path, program_fd);
	munmap(place, page);
	return number == UPROBE_ENOTSUPP ? number : 0;
}

int uprobe_trial(
	const struct attachments *attachments, const struct manifest_probe *probe, int program_fd)
{
	_cleanup_uprobe_file_ struct uprobe_file file = {.fd = -1};
	_cleanup_error_ struct error *error = uprobe_file_open(attachments, probe, &file);
	_cleanup_close_ int fd = error ? -1 : open(file.path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || !is_doubtful(fd, probe->address))
		return 0;
	return try_place(attachments, probe, file.path, fd, program_fd);
}
