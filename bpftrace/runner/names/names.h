/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of what programs know by a number: of users, paths of control groups. Where they come from
 * is a row for each kind. What takes a round trip to find is fetched for many keys at once and kept
 * in a cache of limited size.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libcommon/base/str.h"

enum name_kind {
	NAME_USER,
	NAME_PROCESS,
	NAME_CGROUP,
	NAME_KERNEL_STACK, /* frames, a line each */
	NAME_USER_STACK,
	NAME_KERNEL_SYMBOL,
	NAME_USER_SYMBOL,
	NR_NAME_KINDS,
};

struct name_key {
	uint64_t number;
	const char *parameters; /* of the value's type (types_parameters), "" for none */
};

struct name_ops {
	bool is_cached; /* a name once found stays what it is, as far as a run is concerned */
	/* Appends the names of as many keys as can be had, in order, each with its NUL, and returns
	 * how many. "" is a name. */
	size_t (*fetch)(void *source, const struct name_key *keys, size_t count, struct str *ret);
	/* May begin to find what the next fetch, of the same keys, waits for; NULL: nothing. */
	void (*announce)(void *source, const struct name_key *keys, size_t count);
	void (*close)(void *source);
};

struct names;

/* Empty: there are no names of any kind. The caller frees it. */
struct names *names_new(void);

/* Closes all sources; texts that need one are NULL from then on. Does nothing for NULL. */
void names_close(struct names *names);
void names_free(struct names *names); /* closes them, too */

/* Names of this kind come from source, which is closed with the names. */
void names_add(struct names *names, enum name_kind kind, const struct name_ops *ops, void *source);

/* False for NULL, too. */
bool names_has(const struct names *names, enum name_kind kind);

/* Fetches what is not in the cache, up to the cache's limit of some thousands. */
void names_prefetch(
	struct names *names, enum name_kind kind, const struct name_key *keys, size_t count);

/* Fetches nothing, but has the source begin with what names_prefetch of these keys will fetch. */
void names_announce(
	struct names *names, enum name_kind kind, const struct name_key *keys, size_t count);

/* The name, fetched when it is not in the cache; NULL when it cannot be had. Valid until the next
 * call for these names. */
const char *names_text(struct names *names, enum name_kind kind, struct name_key key);
