/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every file of the list exists on most systems, and all are for the architecture of the kernel.
 * Format: elf(5).
 */
#include "machine.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char *const programs[] = {
	"/bin/sh",
	"/usr/bin/env",
	"/sbin/init",
	"/lib64/ld-linux-x86-64.so.2",
	"/lib/ld-linux-aarch64.so.1",
};

/* Returns e_machine of an ELF file, EM_NONE for all other files. */
static uint16_t read_machine(int fd)
{
	unsigned char bytes[sizeof(Elf64_Ehdr)];
	size_t at = offsetof(Elf64_Ehdr, e_machine); /* that of Elf32_Ehdr, too */

	if (pread(fd, bytes, sizeof(bytes), 0) != sizeof(bytes))
		return EM_NONE;
	if (memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return EM_NONE;
	if (bytes[EI_DATA] == ELFDATA2MSB)
		return (uint16_t)(bytes[at] << 8 | bytes[at + 1]);
	return (uint16_t)(bytes[at + 1] << 8 | bytes[at]);
}

struct error *machine_arch(const struct host *host, const struct arch **ret)
{
	const struct arch *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(programs) && !found; i++) {
		_cleanup_close_ int fd = -1;
		_cleanup_error_ struct error *error =
			host_open(host, programs[i], O_RDONLY | O_NONBLOCK, &fd);
		uint16_t machine = error ? EM_NONE : read_machine(fd);

		if (machine == EM_NONE)
			continue;
		found = arch_of_machine(machine);
		if (!found)
			return error_new(ENOTSUP,
				"%s is for an architecture that is not supported (ELF machine %u)",
				programs[i], machine);
	}
	*ret = found;
	return NULL;
}
