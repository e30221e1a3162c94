/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the language that mean nothing yet: scripts that use them are told so. */
#include "builtin_table.h"

#define LATER(word)                                                                                \
	{                                                                                          \
		.name = word, .flags = BUILTIN_LATER                                               \
	}

const struct builtin builtins_later[] = {
	LATER("kaddr"),
	LATER("kstack"),
	LATER("ksym"),
	LATER("uaddr"),
	LATER("ustack"),
	LATER("usym"),
	{},
};
