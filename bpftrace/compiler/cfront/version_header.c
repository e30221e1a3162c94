/* SPDX-License-Identifier: Apache-2.0 */
#include "version_header.h"

#include <string.h>

#include "libcommon/host/procfs.h"
#include "unit.h"

enum { LAST_MAX = 255 }; /* the number of a version that is the last one has 8 bits there */

/* As the kernel's Makefile writes it. */
static const char *text_of(struct arena *arena, const struct kernel_version *version)
{
	const uint32_t *n = version->numbers;

	return arena_printf(arena,
		"#define LINUX_VERSION_CODE %u\n"
		"#define KERNEL_VERSION(a,b,c) (((a) << 16) + ((b) << 8) + "
		"((c) > 255 ? 255 : (c)))\n"
		"#define LINUX_VERSION_MAJOR %u\n"
		"#define LINUX_VERSION_PATCHLEVEL %u\n"
		"#define LINUX_VERSION_SUBLEVEL %u\n",
		(n[0] << 16) + (n[1] << 8) + MIN(n[2], (uint32_t)LAST_MAX), n[0], n[1], n[2]);
}

void version_header_add(struct cfront *cfront)
{
	struct kernel_version version;
	_cleanup_error_ struct error *error = procfs_version(cfront->c->host, &version);
	const char *text;

	if (error)
		return;
	text = text_of(cfront->c->arena, &version);
	vec_push(&cfront->files,
		((struct CXUnsavedFile){VERSION_HEADERS "/linux/version.h", text, strlen(text)}));
}

bool version_header_is(const char *name)
{
	return strcmp(name, "linux/version.h") == 0;
}

bool version_header_defines(const char *name)
{
	static const char *const names[] = {"KERNEL_VERSION", "LINUX_VERSION_CODE",
		"LINUX_VERSION_MAJOR", "LINUX_VERSION_PATCHLEVEL", "LINUX_VERSION_SUBLEVEL"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}
