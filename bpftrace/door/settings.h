/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings of a run, from config.def: defaults, then the script's config block, then the
 * environment, which wins. The runner reads the environment; the request carries what was set
 * there.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/arena.h"
#include "libcommon/base/error.h"
#include "libcommon/base/json.h"
#include "libcommon/base/suggest.h"

enum setting_scope {
	SETTING_ANYWHERE,
	SETTING_ENVIRONMENT,
};

enum setting_type {
	SETTING_NUMBER,
	SETTING_TEXT,
	SETTING_WORD,
};

struct setting_desc {
	const char *name;     /* "max_map_keys" */
	const char *variable; /* "BPFTRACE_MAX_MAP_KEYS" */
	enum setting_type type;
	enum setting_scope scope;
	uint64_t number, least, most;
	const char *text;  /* default of TEXT and WORD */
	const char *words; /* of WORD */
	const char *doc;
};

enum setting {
#define NUMBER(NAME, name, ...) SETTING_##name,
#define TEXT(NAME, name, ...)   SETTING_##name,
#define WORD(NAME, name, ...)   SETTING_##name,
#include "config.def"
#undef NUMBER
#undef TEXT
#undef WORD
	NR_SETTINGS,
};

extern const struct setting_desc setting_descs[NR_SETTINGS];

struct settings {
#define NUMBER(NAME, name, ...) uint64_t name;
#define TEXT(NAME, name, ...)   const char *name;
#define WORD(NAME, name, ...)   const char *name;
#include "config.def"
#undef NUMBER
#undef TEXT
#undef WORD
	bool from_environment[NR_SETTINGS];
};

struct settings settings_default(void);

/* By any accepted spelling: BPFTRACE_STACK_MODE, STACK_MODE, stack_mode. NULL when unknown (then
 * *suggestion, if given, has the nearest). */
const struct setting_desc *setting_find(const char *name, struct suggestion *suggestion);

/* The setting that has this name now, of those that earlier versions called by another one, in any
 * accepted spelling; NULL: there is none. *value becomes what means the same now. */
const struct setting_desc *setting_find_renamed(const char *name, const char **value);

enum setting_effect {
	SETTING_UNKNOWN,
	SETTING_WITHOUT_EFFECT, /* of other versions; accepted */
	SETTING_UNSTABLE,       /* a name for a trial of some version, which is not known here */
};

/* What to make of a name that setting_find does not know. */
enum setting_effect setting_effect(const char *name);

/* Sets one from its text; errors name the setting, its valid values and the given one. What is 0 or
 * 1 can be given as false or true. Texts are copied to arena. */
struct error *settings_set(struct settings *settings, const struct setting_desc *row,
	const char *value, struct arena *arena);

/* Whether the text is one that a TEXT or WORD takes. */
struct error *setting_check(const struct setting_desc *row, const char *text);

/* Reads all variables of the process's environment and marks them; one by its present name wins
 * over one by an earlier name. */
struct error *settings_from_environment(struct settings *settings, struct arena *arena);

/* {"max_map_keys": 4096, …, "from_environment": ["max_strlen", …]} */
json_t *settings_to_json(const struct settings *settings);
struct error *settings_from_json(const json_t *json, struct arena *arena, struct settings *ret);
