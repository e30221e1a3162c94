/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mapped file that gets shorter raises SIGBUS behind its new end. There a page of zeros takes the
 * place of what is missing, which is then a damaged file as any other.
 */
#include "mapped.h"

#include <gelf.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libcommon/base/attributes.h"

enum {
	LARGE = 32 << 20, /* bytes; what is smaller is read in some milliseconds */
	MAPPED_MOST = 64,
};

/* Read by the handler. */
static struct {
	Elf *file; /* NULL: this one is free */
	uintptr_t begin, end;
} mappings[MAPPED_MOST];
static uintptr_t page_size;

static bool is_mapped(uintptr_t address)
{
	for (size_t i = 0; i < ARRAY_SIZE(mappings); i++) {
		if (mappings[i].file && address >= mappings[i].begin && address < mappings[i].end)
			return true;
	}
	return false;
}

static void fill_page(int signal_number, siginfo_t *info, void *context _unused_)
{
	uintptr_t page = (uintptr_t)info->si_addr & ~(page_size - 1);

	if (is_mapped((uintptr_t)info->si_addr) &&
		mmap((void *)page, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			-1, 0) != MAP_FAILED)
		return;
	/* not ours: it is raised again */
	signal(signal_number, SIG_DFL);
}

static void install_handler(void)
{
	struct sigaction action = {.sa_sigaction = fill_page, .sa_flags = SA_SIGINFO | SA_RESTART};

	page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
	sigaction(SIGBUS, &action, NULL);
}

/* Units of debug information are far apart: to read ahead there would be to read all of it. */
static void advise(Elf *file, char *begin, size_t size)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(file, section))) {
		if (!gelf_getshdr(section, &header) || header.sh_type == SHT_NOBITS ||
			header.sh_size < LARGE || header.sh_offset > size ||
			header.sh_size > size - header.sh_offset)
			continue;
		uint64_t offset = header.sh_offset & ~((uint64_t)page_size - 1);

		posix_madvise(begin + offset, header.sh_offset + header.sh_size - offset,
			POSIX_MADV_RANDOM);
	}
}

static Elf *map(int fd, size_t slot)
{
	Elf *file = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	size_t size = 0;
	char *begin = file ? elf_rawfile(file, &size) : NULL;

	if (begin) {
		install_handler();
		advise(file, begin, size);
		mappings[slot].begin = (uintptr_t)begin;
		mappings[slot].end = (uintptr_t)begin + size;
		mappings[slot].file = file;
	}
	return file;
}

Elf *mapped_begin(int fd, uint64_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(mappings) && size >= LARGE; i++) {
		if (!mappings[i].file)
			return map(fd, i);
	}
	return elf_begin(fd, ELF_C_READ, NULL);
}

void mapped_end(Elf *file)
{
	for (size_t i = 0; i < ARRAY_SIZE(mappings); i++) {
		if (file && mappings[i].file == file)
			mappings[i].file = NULL;
	}
	elf_end(file);
}
