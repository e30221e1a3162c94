/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel refuses a multi link as a whole: bisects to find the members that it refuses. */
#pragma once

#include "attach.h"

struct bisect {
	void *context; /* of the calls */
	/* Makes one link for count members from first on; returns its descriptor or a negative
	 * errno value. */
	int (*create)(void *context, size_t first, size_t count);
	/* Whether this errno value is about some of the members, not about the link. */
	bool (*is_about_members)(int number);
	/* Called when these are attached; may be NULL. */
	void (*attached)(void *context, size_t first, size_t count);
	/* A single member is refused: the error of the whole, or NULL to go on without it. */
	struct error *(*refused)(void *context, size_t member, int number);
	/* The error of a refusal that is not about members, of which first is one. */
	struct error *(*failed)(void *context, size_t first, int number);
};

/* Attaches count members by as few links as possible, whose descriptors are added to *ret. Ends
 * early, without an error, when a signal asks for the end. */
struct error *bisect_attach(const struct bisect *bisect, const struct waiter *waiter, size_t count,
	struct attachment *ret);
