/* SPDX-License-Identifier: Apache-2.0 */
/* Classes of libraries that are texts, as std::string: wherever a text is wanted, or a value is
 * kept or printed, they are their characters. */
#pragma once

#include "libcommon/types/types.h"

enum { CLASS_PATH_MOST = 6 };

struct class_text {
	const char *name; /* of the class; how it begins, where it ends in a comma */
	const char *characters[CLASS_PATH_MOST], *length[CLASS_PATH_MOST]; /* paths of members */
};

/* NULL when the type is no such class, or has other members than the library's. */
const struct class_text *class_text_find(struct types *types, uint32_t type);

/* The type that a value is shown as: a string of that size for such a class, and a struct with
 * strings in the place of members of such classes; the type itself where there are none. */
uint32_t class_text_shown(struct types *types, uint32_t type, uint32_t size);
