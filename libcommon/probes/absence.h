/* SPDX-License-Identifier: Apache-2.0 */
/* Why a program or library has no function that an attach point names. */
#pragma once

#include "function.h"
#include "libcommon/base/suggest.h"

struct absence {
	const char *type;  /* of the probe */
	const char *shown; /* the file, as messages name it */
	const struct host *host;
	struct elf *elf;
	struct function_query wanted;
};

/* The error for a function that was not found. It explains what the name is instead: a symbol of
 * another kind, other versions, a C++ function by its full name, or an imported function.
 * *suggestion is set to the attach point that was probably meant, if any; texts in the query's
 * arena. */
struct error *absence_explain(const struct absence *absence, struct suggestion *suggestion);

/* The same for a wildcard without matches; NULL when the file is neither stripped nor damaged. */
struct error *absence_of_all(const struct absence *absence);

/* The error "FILE is damaged: …"; NULL when the file is complete. */
struct error *absence_damage(const char *shown, struct elf *elf, struct arena *arena);
