/* SPDX-License-Identifier: Apache-2.0 */
#include "number_names.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "libcommon/base/attributes.h"

enum {
	ERRORS = EHWPOISON + 1,
	SIGNALS = 64 + 1, /* _NSIG of the kernel's include/uapi/asm-generic/signal.h */
};

/* --- system calls --- */

/* Names of their trace events are those of functions; these differ from those of asm/unistd.h. */
static const struct {
	const char *event;
	const char *name;
} renamed[] = {
	{"newfstat", "fstat"},
	{"newlstat", "lstat"},
	{"newstat", "stat"},
	{"newuname", "uname"},
	{"sendfile64", "sendfile"},
	{"umount", "umount2"},
};

static const char *syscall_text(const struct arch *arch, uint64_t number)
{
	const char *event = NULL;

	for (size_t i = 0; i < arch->syscall_count && !event; i++) {
		if (arch->syscalls[i].number == number)
			event = arch->syscalls[i].name;
	}
	for (size_t i = 0; event && i < ARRAY_SIZE(renamed); i++) {
		if (strcmp(event, renamed[i].event) == 0)
			return renamed[i].name;
	}
	return event ? event : "Unknown syscall";
}

static uint32_t syscall_count(const struct arch *arch)
{
	uint32_t count = 0;

	for (size_t i = 0; i < arch->syscall_count; i++)
		count = MAX(count, arch->syscalls[i].number + 1u);
	return count;
}

/* --- errors and signals --- */

static const char *error_text(uint64_t number)
{
	return number < ERRORS && strerrorname_np((int)number) ? strerror((int)number)
							       : "Unknown error";
}

static const char *error_name(uint64_t number)
{
	const char *name = number < ERRORS ? strerrorname_np((int)number) : NULL;

	return name ? name : "Unknown error";
}

/* sigdescr_np(3) has none of those for real time; the first ones are the C library's own. */
static const char *signal_text(uint64_t number)
{
	return number < SIGNALS ? strsignal((int)number) : "N/A";
}

/* --- all --- */

bool number_names_have(const struct types *types, uint32_t type)
{
	return types_has_meaning(types, type, MEANING_STRERROR) ||
	       types_has_meaning(types, type, MEANING_ERRNO_NAME) ||
	       types_has_meaning(types, type, MEANING_SIGNAL_NAME) ||
	       types_has_meaning(types, type, MEANING_SYSCALL_NAME);
}

uint32_t number_names_count(enum meaning meaning, const struct arch *arch)
{
	switch (meaning) {
	case MEANING_SIGNAL_NAME: return SIGNALS;
	case MEANING_SYSCALL_NAME: return syscall_count(arch);
	default: return ERRORS;
	}
}

const char *number_names_text(enum meaning meaning, const struct arch *arch, uint64_t number)
{
	switch (meaning) {
	case MEANING_SIGNAL_NAME: return signal_text(number);
	case MEANING_SYSCALL_NAME: return syscall_text(arch, number);
	case MEANING_ERRNO_NAME: return error_name(number);
	default: return error_text(number);
	}
}

uint32_t number_names_size(enum meaning meaning, const struct arch *arch)
{
	uint32_t count = number_names_count(meaning, arch);
	size_t longest = 0;

	for (uint32_t i = 0; i <= count; i++)
		longest = MAX(longest, strlen(number_names_text(meaning, arch, i)));
	return ALIGN_UP((uint32_t)longest + 1, 8u);
}
