/* SPDX-License-Identifier: Apache-2.0 */
#include "renamed.h"

#include <string.h>

#include "libcommon/host/tracefs.h"

struct rename_row {
	const char *holder; /* the struct of a member */
	const char *name;
	const char *now;
	const char *since;
};

#define FUNCTION(name, now, since)
#define MEMBER(holder, name, now, since)
#define LIBRARY(name, now, since)

static const struct rename_row renamed_functions[] = {
#undef FUNCTION
#define FUNCTION(name, now, since) {NULL, name, now, since},
#include "renamed.def"
#undef FUNCTION
#define FUNCTION(name, now, since)
};

static const struct rename_row renamed_members[] = {
#undef MEMBER
#define MEMBER(holder, name, now, since) {holder, name, now, since},
#include "renamed.def"
#undef MEMBER
#define MEMBER(holder, name, now, since)
};

static const struct rename_row renamed_libraries[] = {
#undef LIBRARY
#define LIBRARY(name, now, since) {NULL, name, now, since},
#include "renamed.def"
};

/* --- functions --- */

static const struct rename_row *find_function(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(renamed_functions); i++) {
		if (strcmp(renamed_functions[i].name, name) == 0)
			return &renamed_functions[i];
	}
	return NULL;
}

/* The parts of "tracepoint:CATEGORY:EVENT"; false for the name of a function. */
static bool split_tracepoint(
	const char *text, struct arena *arena, const char **ret_category, const char **ret_event)
{
	static const char type[] = "tracepoint:";
	const char *category = text + strlen(type), *colon;

	if (strncmp(text, type, strlen(type)) != 0)
		return false;
	colon = strchr(category, ':');
	*ret_category = arena_strndup(arena, category, (size_t)(colon - category));
	*ret_event = colon + 1;
	return true;
}

bool renamed_function(const struct probe_world *world, const char *provider, const char *name,
	struct arena *arena, struct renamed *ret)
{
	const struct rename_row *row = find_function(name);
	const char *category, *event;

	for (; row; row = find_function(row->now)) {
		*ret = (struct renamed){.now = row->now, .since = row->since};
		if (split_tracepoint(row->now, arena, &category, &event))
			return tracefs_has_event(world->host, category, event);
		if (!functions_find(world->functions, NULL, row->now))
			continue;
		ret->now = arena_printf(arena, "%s:%s", provider, row->now);
		return true;
	}
	return false;
}

/* --- members --- */

bool renamed_member(const char *type, const char *name, struct arena *arena, struct renamed *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(renamed_members); i++) {
		const struct rename_row *row = &renamed_members[i];

		if (strcmp(row->holder, type) != 0 || strcmp(row->name, name) != 0)
			continue;
		*ret = (struct renamed){
			.now = row->now,
			.since = row->since,
			.first = arena_strndup(arena, row->now, strcspn(row->now, "-.")),
		};
		return true;
	}
	return false;
}

/* --- libraries --- */

/* Whether a file's name is the library's: "libdl", "libdl.so.2", "libdl-2.31.so". */
static bool is_library(const char *file, const char *library)
{
	size_t length = strlen(library);

	return strncmp(file, library, length) == 0 &&
	       (!file[length] || file[length] == '.' || file[length] == '-');
}

bool renamed_library(const char *library, struct arena *arena, struct renamed *ret)
{
	const char *slash = strrchr(library, '/'), *file = slash ? slash + 1 : library;

	for (size_t i = 0; i < ARRAY_SIZE(renamed_libraries); i++) {
		const struct rename_row *row = &renamed_libraries[i];

		if (!is_library(file, row->name))
			continue;
		*ret = (struct renamed){.now = row->now, .since = row->since};
		if (slash)
			ret->now = arena_printf(
				arena, "%.*s%s.so.6", (int)(file - library), library, row->now);
		return true;
	}
	return false;
}
