/* SPDX-License-Identifier: Apache-2.0 */
#include "script_options.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/numeral.h"
#include "libcommon/base/suggest.h"
#include "wire.h"

enum {
	LIMIT_OPTIONS = 4096,
	LIMIT_BYTES = 1 << 20, /* of a value */
};

static const char *const kind_names[NR_SCRIPT_OPTION_KINDS] = {
	[SCRIPT_OPTION_BOOL] = "bool",
	[SCRIPT_OPTION_INTEGER] = "integer",
	[SCRIPT_OPTION_DURATION] = "duration",
	[SCRIPT_OPTION_STRING] = "string",
};

const char *script_option_kind_name(enum script_option_kind kind)
{
	return kind_names[kind];
}

void script_arguments_deinit(struct script_arguments *arguments)
{
	vec_deinit(&arguments->positional);
	vec_deinit(&arguments->values);
}

/* --- values --- */

static bool parse_bool(const char *value, uint64_t *ret)
{
	*ret = strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0;
	return *ret || strcasecmp(value, "false") == 0 || strcmp(value, "0") == 0;
}

static bool parse_number(const struct script_option *option, const char *value, uint64_t *ret)
{
	bool is_negative;

	switch (option->kind) {
	case SCRIPT_OPTION_BOOL: return parse_bool(value, ret);
	case SCRIPT_OPTION_DURATION: return numeral_parse_duration(value, &is_negative, ret);
	default: return numeral_parse(value, &is_negative, ret);
	}
}

static struct error *does_not_fit(const struct script_option *option, const char *value)
{
	static const char *const wanted[NR_SCRIPT_OPTION_KINDS] = {
		[SCRIPT_OPTION_BOOL] = "true or false",
		[SCRIPT_OPTION_INTEGER] = "an integer",
		[SCRIPT_OPTION_DURATION] = "a duration, as 500ms or 5s",
	};

	return error_new(EINVAL, "option --%s of the script takes %s, not '%s'", option->name,
		wanted[option->kind], value);
}

static struct error *encode_string(
	const struct script_option *option, const char *value, char *bytes)
{
	size_t length = strlen(value);

	if (length >= option->size)
		return error_new(EINVAL,
			"the value of option --%s of the script has %zu characters, it may have "
			"%u (config max_strlen)",
			option->name, length, option->size - 1);
	memset(bytes, 0, option->size);
	memcpy(bytes, value, length + 1);
	return NULL;
}

struct error *script_option_encode(
	const struct script_option *option, const char *value, void *bytes)
{
	uint64_t number = 0;

	if (option->kind == SCRIPT_OPTION_STRING)
		return encode_string(option, value, bytes);
	if (!parse_number(option, value, &number))
		return does_not_fit(option, value);
	memcpy(bytes, &number, sizeof(number));
	return NULL;
}

/* --- words --- */

/* Whether a word is one, not "--" itself. */
static bool is_option(const char *word)
{
	return word[0] == '-' && word[1] == '-' && word[2];
}

static bool names(const char *word, const char *name)
{
	size_t length = strlen(name);

	return strncmp(word + 2, name, length) == 0 &&
	       (word[2 + length] == '=' || !word[2 + length]);
}

const struct script_option *script_options_find(const script_options *options, const char *word)
{
	const struct script_option *option;

	if (!is_option(word))
		return NULL;
	vec_for_each (options, option) {
		if (names(word, option->name))
			return option;
	}
	return NULL;
}

static struct error *unknown(const script_options *options, const char *word)
{
	_cleanup_free_ char *name = xstrndup(word + 2, strcspn(word + 2, "="));
	struct suggestion suggestion = suggest_start(name);
	_cleanup_str_ struct str all = STR_INIT;
	const struct script_option *option;

	vec_for_each (options, option) {
		suggest_offer(&suggestion, option->name);
		str_printf(&all, "--%s, ", option->name);
	}
	if (suggestion.best)
		return error_new(ENOENT,
			"the script has no option --%s, did you mean --%s? --help shows all", name,
			suggestion.best);
	return error_new(
		ENOENT, "the script has no option --%s; it has %s--help", name, str_text(&all));
}

/* Which value the option at words[*at] has; *at moves to a word that is the value. */
static struct error *take_value(const struct script_option *option, const char *const *words,
	size_t count, size_t *at, const char **ret)
{
	const char *equals = strchr(words[*at], '=');

	if (equals) {
		*ret = equals + 1;
		return NULL;
	}
	if (!script_option_takes_word(option)) {
		*ret = "true";
		return NULL;
	}
	if (*at + 1 == count || strncmp(words[*at + 1], "--", 2) == 0)
		return error_new(EINVAL, "option --%s of the script needs a value: --%s=%s",
			option->name, option->name, *option->preset ? option->preset : "TEXT");
	*ret = words[++*at];
	return NULL;
}

static struct error *take_option(const script_options *options, const char *const *words,
	size_t count, size_t *at, struct script_arguments *into)
{
	const struct script_option *option = script_options_find(options, words[*at]);
	const char *value = NULL;

	if (!option && strcmp(words[*at], "--help") == 0) {
		into->wants_help = true;
		return NULL;
	}
	if (!option)
		return unknown(options, words[*at]);

	struct error *error = take_value(option, words, count, at, &value);

	if (error)
		return error;

	_cleanup_free_ char *bytes = xcalloc(1, option->size);

	into->values.items[option - options->items] = value;
	return script_option_encode(option, value, bytes);
}

struct error *script_options_divide(const script_options *options, const char *const *words,
	size_t count, struct script_arguments *ret)
{
	_cleanup_(script_arguments_deinit) struct script_arguments arguments = {};
	bool may_have = options->count > 0;

	for (size_t i = 0; i < options->count; i++)
		vec_push(&arguments.values, NULL);
	for (size_t i = 0; i < count; i++) {
		struct error *error = NULL;

		if (may_have && strcmp(words[i], "--") == 0)
			may_have = false;
		else if (may_have && is_option(words[i]))
			error = take_option(options, words, count, &i, &arguments);
		else
			vec_push(&arguments.positional, words[i]);
		if (error)
			return error;
	}
	*ret = arguments;
	arguments = (struct script_arguments){};
	return NULL;
}

/* --- JSON --- */

static void set_text(json_t *json, const char *key, const char *text)
{
	json_object_set_new(json, key, wire_text_to_json(text, strlen(text)));
}

static json_t *option_to_json(const struct script_option *option)
{
	json_t *json = json_object();

	set_text(json, "name", option->name);
	set_text(json, "type", kind_names[option->kind]);
	set_text(json, "default", option->preset);
	set_text(json, "help", option->help);
	json_object_set_new(json, "offset", json_integer(option->offset));
	json_object_set_new(json, "size", json_integer(option->size));
	return json;
}

json_t *script_options_to_json(const script_options *options)
{
	const struct script_option *option;
	json_t *list = json_array();

	vec_for_each (options, option)
		json_array_append_new(list, option_to_json(option));
	return list;
}

static enum script_option_kind read_kind(struct wire *wire)
{
	const char *name = wire_text(wire, "type");

	for (size_t i = 0; i < NR_SCRIPT_OPTION_KINDS; i++) {
		if (strcmp(kind_names[i], name) == 0)
			return (enum script_option_kind)i;
	}
	wire_fail(wire, "unknown type '%s'", name);
	return SCRIPT_OPTION_BOOL;
}

static void read_option(struct wire *wire, struct script_option *option)
{
	option->name = wire_text(wire, "name");
	option->kind = read_kind(wire);
	option->preset = wire_text(wire, "default");
	option->help = wire_text(wire, "help");
	option->offset = (uint32_t)wire_number(wire, "offset", 0, INT32_MAX);
	option->size = (uint32_t)wire_number(wire, "size", 1, LIMIT_BYTES);
	if (!wire->error && (!*option->name || strpbrk(option->name, "= \n")))
		wire_fail(wire, "'%s' is not the name of an option", option->name);
	if (!wire->error && option->kind != SCRIPT_OPTION_STRING &&
		option->size != sizeof(uint64_t))
		wire_fail(wire, "the number has %u bytes", option->size);
}

struct error *script_options_from_json(const json_t *json, struct arena *arena, script_options *ret)
{
	size_t count = json_array_size(json);

	if (!json_is_array(json) || count > LIMIT_OPTIONS)
		return error_new(EINVAL, "the options are not a list of up to %d", LIMIT_OPTIONS);
	for (size_t i = 0; i < count; i++) {
		struct wire wire = wire_start(json_array_get(json, i), "option", arena);
		struct script_option option = {};

		if (!wire.error)
			read_option(&wire, &option);
		if (wire.error)
			return wire.error;
		vec_push(ret, option);
	}
	return NULL;
}
