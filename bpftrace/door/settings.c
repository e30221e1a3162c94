/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "libcommon/base/alloc.h"
#include "wire.h"

#define PREFIX "BPFTRACE_"

const struct setting_desc setting_descs[NR_SETTINGS] = {
#define NUMBER(NAME, name_, default_, least_, most_, scope_, doc_)                                 \
	[SETTING_##name_] = {.name = #name_,                                                       \
		.variable = PREFIX #NAME,                                                          \
		.type = SETTING_NUMBER,                                                            \
		.scope = SETTING_##scope_,                                                         \
		.number = default_,                                                                \
		.least = least_,                                                                   \
		.most = most_,                                                                     \
		.doc = doc_},
#define TEXT(NAME, name_, default_, scope_, doc_)                                                  \
	[SETTING_##name_] = {.name = #name_,                                                       \
		.variable = PREFIX #NAME,                                                          \
		.type = SETTING_TEXT,                                                              \
		.scope = SETTING_##scope_,                                                         \
		.text = default_,                                                                  \
		.doc = doc_},
#define WORD(NAME, name_, default_, words_, scope_, doc_)                                          \
	[SETTING_##name_] = {.name = #name_,                                                       \
		.variable = PREFIX #NAME,                                                          \
		.type = SETTING_WORD,                                                              \
		.scope = SETTING_##scope_,                                                         \
		.text = default_,                                                                  \
		.words = words_,                                                                   \
		.doc = doc_},
#include "config.def"
#undef NUMBER
#undef TEXT
#undef WORD
};

/* The offset of each setting in struct settings. */
static const size_t offsets[NR_SETTINGS] = {
#define NUMBER(NAME, name, ...) [SETTING_##name] = offsetof(struct settings, name),
#define TEXT(NAME, name, ...)   [SETTING_##name] = offsetof(struct settings, name),
#define WORD(NAME, name, ...)   [SETTING_##name] = offsetof(struct settings, name),
#include "config.def"
#undef NUMBER
#undef TEXT
#undef WORD
};

static uint64_t *number_of(struct settings *settings, size_t index)
{
	return (uint64_t *)(void *)((char *)settings + offsets[index]);
}

static const char **text_of(struct settings *settings, size_t index)
{
	return (const char **)(void *)((char *)settings + offsets[index]);
}

struct settings settings_default(void)
{
	struct settings settings = {};

	for (size_t i = 0; i < NR_SETTINGS; i++) {
		if (setting_descs[i].type == SETTING_NUMBER)
			*number_of(&settings, i) = setting_descs[i].number;
		else
			*text_of(&settings, i) = setting_descs[i].text;
	}
	return settings;
}

/* All of one case: "max_strlen", "MAX_STRLEN" or "BPFTRACE_MAX_STRLEN". */
static bool spells(const char *name, const struct setting_desc *row)
{
	return strcmp(name, row->name) == 0 || strcmp(name, row->variable) == 0 ||
	       strcmp(name, row->variable + strlen(PREFIX)) == 0;
}

/* A name as the tables below have it: "BPFTRACE_STRLEN", "STRLEN" and "strlen" are one. */
static bool is_called(const char *name, const char *lower)
{
	size_t length = strlen(PREFIX);

	if (strncasecmp(name, PREFIX, length) == 0)
		name += length;
	return strcasecmp(name, lower) == 0;
}

/* Names of earlier versions. on: what a true value means now; NULL: the value stays. */
static const struct {
	const char *name;
	enum setting now;
	const char *on, *off;
} renamed[] = {
	{"cat_bytes_max", SETTING_max_cat_bytes, NULL, NULL},
	{"map_keys_max", SETTING_max_map_keys, NULL, NULL},
	{"no_cpp_demangle", SETTING_cpp_demangle, "0", "1"},
	{"no_user_symbols", SETTING_cache_user_symbols, "NONE", ""},
	{"strlen", SETTING_max_strlen, NULL, NULL},
};

static bool is_false(const char *value)
{
	return strcmp(value, "0") == 0 || strcmp(value, "false") == 0;
}

const struct setting_desc *setting_find_renamed(const char *name, const char **value)
{
	for (size_t i = 0; i < ARRAY_SIZE(renamed); i++) {
		if (!is_called(name, renamed[i].name))
			continue;
		if (renamed[i].on && *value)
			*value = is_false(*value) ? renamed[i].off : renamed[i].on;
		return &setting_descs[renamed[i].now];
	}
	return NULL;
}

enum setting_effect setting_effect(const char *name)
{
	static const char *const without_effect[] = {
		"lazy_symbolication",
		"on_stack_limit",
		"symbol_source",
		"unstable_addr",
		"unstable_dw_ustack",
		"unstable_import",
		"unstable_import_statement",
		"unstable_macro",
		"unstable_map_decl",
		"unstable_tseries",
		"unstable_typeinfo",
		"use_blazesym",
	};
	static const char unstable[] = "unstable_";
	size_t prefix = strncasecmp(name, PREFIX, strlen(PREFIX)) == 0 ? strlen(PREFIX) : 0;

	for (size_t i = 0; i < ARRAY_SIZE(without_effect); i++) {
		if (is_called(name, without_effect[i]))
			return SETTING_WITHOUT_EFFECT;
	}
	return strncasecmp(name + prefix, unstable, strlen(unstable)) == 0 ? SETTING_UNSTABLE
									   : SETTING_UNKNOWN;
}

static struct suggestion suggest_setting(const char *name)
{
	struct suggestion suggestion = suggest_start(name);

	for (size_t i = 0; i < NR_SETTINGS; i++) {
		suggest_offer(&suggestion, setting_descs[i].name);
		suggest_offer(&suggestion, setting_descs[i].variable);
	}
	return suggestion;
}

const struct setting_desc *setting_find(const char *name, struct suggestion *suggestion)
{
	for (size_t i = 0; i < NR_SETTINGS; i++) {
		if (spells(name, &setting_descs[i]))
			return &setting_descs[i];
	}
	if (suggestion)
		*suggestion = suggest_setting(name);
	return NULL;
}

static bool has_word(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (; length; words++) {
		size_t next = strcspn(words, "|");

		if (next == length && memcmp(words, word, length) == 0)
			return true;
		words += next;
		if (!*words)
			break;
	}
	return false;
}

/* "true" and "false" as the numbers of a setting that is on or off. */
static const char *as_number(const struct setting_desc *row, const char *text)
{
	if (row->most != 1)
		return text;
	return strcmp(text, "true") == 0 ? "1" : strcmp(text, "false") == 0 ? "0" : text;
}

/* Decimal or 0x…, nothing else. */
static bool parse_number(const char *text, uint64_t *ret)
{
	int base = strncasecmp(text, "0x", 2) == 0 ? 16 : 10;
	const char *digits = base == 16 ? text + 2 : text;
	char *end;

	if (!isxdigit((unsigned char)*digits))
		return false;
	errno = 0;

	uint64_t value = strtoull(digits, &end, base);

	if (errno || *end)
		return false;
	*ret = value;
	return true;
}

static struct error *check_number(const struct setting_desc *row, uint64_t number)
{
	if (number < row->least || number > row->most)
		return error_new(EINVAL,
			"%s takes a number from %" PRIu64 " to %" PRIu64 ", not %" PRIu64,
			row->name, row->least, row->most, number);
	return NULL;
}

struct error *setting_check(const struct setting_desc *row, const char *text)
{
	bool is_default = strcmp(text, row->text) == 0;

	if (row->type == SETTING_WORD && !is_default && !has_word(row->words, text))
		return error_new(
			EINVAL, "%s takes one of %s, not '%s'", row->name, row->words, text);
	return NULL;
}

struct error *settings_set(struct settings *settings, const struct setting_desc *row,
	const char *value, struct arena *arena)
{
	size_t index = (size_t)(row - setting_descs);
	struct error *error;
	uint64_t number;

	if (row->type != SETTING_NUMBER) {
		error = setting_check(row, value);
		if (!error)
			*text_of(settings, index) = arena_strdup(arena, value);
		return error;
	}
	if (!parse_number(as_number(row, value), &number))
		return error_new(EINVAL,
			"%s takes a number from %" PRIu64 " to %" PRIu64 ", not '%s'", row->name,
			row->least, row->most, value);
	error = check_number(row, number);
	if (!error)
		*number_of(settings, index) = number;
	return error;
}

static struct error *set_by_variable(struct settings *settings, const char *variable,
	const struct setting_desc *row, const char *value, struct arena *arena)
{
	struct error *error = settings_set(settings, row, value, arena);

	if (error)
		return error_prefix(error, "environment variable %s", variable);
	settings->from_environment[row - setting_descs] = true;
	return NULL;
}

static struct error *set_by_earlier_names(struct settings *settings, struct arena *arena)
{
	struct error *error = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(renamed) && !error; i++) {
		_cleanup_free_ char *variable = xasprintf(PREFIX "%s", renamed[i].name);

		for (char *at = variable; *at; at++)
			*at = (char)toupper((unsigned char)*at);

		const char *value = getenv(variable);

		if (!value || settings->from_environment[renamed[i].now])
			continue;

		const struct setting_desc *row = setting_find_renamed(variable, &value);

		error = set_by_variable(settings, variable, row, value, arena);
	}
	return error;
}

struct error *settings_from_environment(struct settings *settings, struct arena *arena)
{
	struct settings result = *settings;
	struct error *error = NULL;

	for (size_t i = 0; i < NR_SETTINGS && !error; i++) {
		const struct setting_desc *row = &setting_descs[i];
		const char *value = getenv(row->variable);

		if (value)
			error = set_by_variable(&result, row->variable, row, value, arena);
	}
	if (!error)
		error = set_by_earlier_names(&result, arena);
	if (!error)
		*settings = result;
	return error;
}

json_t *settings_to_json(const struct settings *settings)
{
	struct settings copy = *settings;
	json_t *json = json_object();
	json_t *marked = json_array();

	for (size_t i = 0; i < NR_SETTINGS; i++) {
		const char *name = setting_descs[i].name;

		if (setting_descs[i].type == SETTING_NUMBER) {
			json_object_set_new(
				json, name, json_integer((json_int_t)*number_of(&copy, i)));
		} else {
			const char *text = *text_of(&copy, i);

			json_object_set_new(json, name, wire_text_to_json(text, strlen(text)));
		}
		if (settings->from_environment[i])
			json_array_append_new(marked, json_string(name));
	}
	json_object_set_new(json, "from_environment", marked);
	return json;
}

static void read_marks(struct wire *wire, struct settings *settings)
{
	const json_t *marked = wire_array(wire, "from_environment", NR_SETTINGS);

	for (size_t i = 0; i < json_array_size(marked) && !wire->error; i++) {
		const char *name =
			wire_text_of(wire, json_array_get(marked, i), "from_environment");
		const struct setting_desc *row = setting_find(name, NULL);

		if (row)
			settings->from_environment[row - setting_descs] = true;
		else
			wire_fail(wire, "unknown setting '%s'", name);
	}
}

struct error *settings_from_json(const json_t *json, struct arena *arena, struct settings *ret)
{
	struct wire wire = wire_start(json, "settings", arena);
	struct settings settings = {};

	for (size_t i = 0; i < NR_SETTINGS; i++) {
		const struct setting_desc *row = &setting_descs[i];

		if (row->type == SETTING_NUMBER)
			*number_of(&settings, i) = wire_bits(&wire, row->name);
		else
			*text_of(&settings, i) = wire_text(&wire, row->name);
		if (!wire.error)
			wire.error = row->type == SETTING_NUMBER
					     ? check_number(row, *number_of(&settings, i))
					     : setting_check(row, *text_of(&settings, i));
	}
	read_marks(&wire, &settings);
	if (wire.error)
		return wire.error;
	*ret = settings;
	return NULL;
}
