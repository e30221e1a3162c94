/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frames of a stack as a text without a NUL, in which each field is a letter, the number of its
 * bytes and the bytes: "a8:ffff1234n4:mainf9:/bin/true". Names of symbols and files may have any
 * bytes. An address begins a frame.
 */
#pragma once

#include <stdint.h>

#include "libcommon/base/arena.h"
#include "libcommon/base/str.h"

/* One frame of a stack; texts are NULL where nothing is known. */
struct frame {
	uint64_t address;
	const char *name;       /* of the function */
	uint64_t offset;        /* of the address, from where the function begins */
	const char *object;     /* module of the kernel, file of a process */
	const char *build_id;   /* of the file, hexadecimal */
	uint64_t object_offset; /* of the address in the file, if the build id is known */
	const char *source;     /* file of source text */
	uint64_t line;          /* 0: not known */
	uint64_t is_inlined;    /* in the frame that follows; without offset and object */
};

void frames_append(const struct frame *frame, struct str *out);

/* The frames of such a text, of which what follows the first mistake is ignored. They and their
 * texts are in arena. */
size_t frames_parse(const char *text, struct arena *arena, struct frame **ret);
