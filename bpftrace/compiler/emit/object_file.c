/* SPDX-License-Identifier: Apache-2.0 */
/* The object is a file in memory, since libelf changes files only. */
#include "object_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libcommon/elf/section.h"
#include "defect.h"

Elf_Scn *object_file_section(const struct object_file *object, const char *name, GElf_Shdr *ret)
{
	Elf_Scn *section = section_next(object->elf, NULL, name, ret);

	if (!section)
		defect("the object has no section %s", name);
	return section;
}

void object_file_replace(Elf_Scn *section, const void *data, size_t size)
{
	Elf_Data *old = elf_getdata(section, NULL);
	GElf_Shdr header;

	if (!old || !gelf_getshdr(section, &header))
		defect("cannot read the object: %s", elf_errmsg(-1));
	old->d_buf = (void *)data;
	old->d_size = size;
	old->d_align = 8;
	header.sh_size = size;
	gelf_update_shdr(section, &header);
	elf_flagdata(old, ELF_C_SET, ELF_F_DIRTY);
}

uint32_t object_file_symbol(const struct object_file *object, const char *name)
{
	GElf_Shdr header;
	Elf_Data *data = elf_getdata(object_file_section(object, ".symtab", &header), NULL);

	if (!data)
		defect("cannot read the object: %s", elf_errmsg(-1));
	GElf_Sym symbol;

	for (int i = 0; gelf_getsym(data, i, &symbol); i++) {
		const char *found = elf_strptr(object->elf, header.sh_link, symbol.st_name);

		if (found && !strcmp(found, name))
			return symbol.st_value;
	}
	defect("cannot find a symbol in the object: %s", elf_errmsg(-1));
}

uint64_t object_file_section_size(const struct object_file *object, const char *name)
{
	GElf_Shdr header;

	object_file_section(object, name, &header);
	return header.sh_size;
}

/* To the kernel, files in memory are files: it is no defect where the user has limited their size.
 */
_noreturn_ static void cannot_write(void)
{
	if (errno != EFBIG)
		defect("cannot write the object: %s", strerror(errno));
	fputs("ERROR: the compiled program is larger than the limit of file sizes; raise it "
	      "(ulimit -f)\n",
		stderr);
	exit(1);
}

/* A write that reaches the limit is short, the next one fails. */
static void write_object(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t written = write(fd, data, size);

		if (written < 0)
			cannot_write();
		data += written;
		size -= (size_t)written;
	}
}

struct object_file object_file_open(LLVMMemoryBufferRef buffer)
{
	struct object_file object = {.fd = memfd_create("bundle", MFD_CLOEXEC)};

	if (object.fd < 0)
		cannot_write();
	write_object(object.fd, LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer));
	elf_version(EV_CURRENT);
	object.elf = elf_begin(object.fd, ELF_C_RDWR, NULL);
	if (!object.elf)
		defect("cannot read the object: %s", elf_errmsg(-1));
	return object;
}

void *object_file_finish(struct object_file *object, struct arena *arena, size_t *ret_size)
{
	off_t written = elf_update(object->elf, ELF_C_WRITE);

	if (written < 0)
		cannot_write();
	void *whole = arena_alloc(arena, (size_t)written);

	if (pread(object->fd, whole, (size_t)written, 0) != written)
		defect("cannot read back the object: %s", elf_errmsg(-1));
	elf_end(object->elf);
	close(object->fd);
	*ret_size = (size_t)written;
	return whole;
}
