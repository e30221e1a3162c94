/* SPDX-License-Identifier: Apache-2.0 */
#include "feature.h"

#include <errno.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/suggest.h"

static const struct {
	const char *name;
	const char *doc;
} rows[] = {
#define FEATURE(NAME, name, symbol, doc) [FEATURE_##NAME] = {name, doc},
#include "feature.def"
#undef FEATURE
};
TABLE_COMPLETE(rows, NR_FEATURES);

static const char *const symbols[] = {
#define FEATURE(NAME, name, symbol, doc) [FEATURE_##NAME] = symbol,
#include "feature.def"
#undef FEATURE
};
TABLE_COMPLETE(symbols, NR_FEATURES);

_Static_assert(NR_FEATURES <= 64, "a set of features is one word");

const char *feature_name(enum feature feature)
{
	return rows[feature].name;
}

const char *feature_doc(enum feature feature)
{
	return rows[feature].doc;
}

static struct error *find(const char *name, uint64_t *set)
{
	struct suggestion suggestion = suggest_start(name);

	for (int i = 0; i < NR_FEATURES; i++) {
		if (strcmp(rows[i].name, name) == 0) {
			*set |= FEATURE_BIT(i);
			return NULL;
		}
		suggest_offer(&suggestion, rows[i].name);
	}
	if (suggestion.best)
		return error_new(EINVAL, "unknown kernel feature '%s', did you mean '%s'?", name,
			suggestion.best);
	return error_new(EINVAL, "unknown kernel feature '%s'", name);
}

struct error *feature_parse(const char *list, uint64_t *set)
{
	uint64_t found = *set;

	for (const char *at = list;; at++) {
		size_t length = strcspn(at, ",");
		_cleanup_free_ char *name = xstrndup(at, length);
		struct error *error = find(name, &found);

		if (error)
			return error;
		at += length;
		if (!*at)
			break;
	}
	*set = found;
	return NULL;
}

uint64_t feature_probe(struct kbtf *kbtf, uint64_t disabled)
{
	return kbtf_has_names(kbtf, symbols, NR_FEATURES) & ~disabled;
}

json_t *feature_to_json(uint64_t set)
{
	json_t *array = json_array();

	for (int i = 0; i < NR_FEATURES; i++) {
		if (set & FEATURE_BIT(i))
			json_array_append_new(array, json_text(rows[i].name, strlen(rows[i].name)));
	}
	return array;
}

struct error *feature_from_json(const json_t *json, uint64_t *ret)
{
	uint64_t set = 0;

	if (!json_is_array(json))
		return error_new(EINVAL, "features are not an array");
	for (size_t i = 0; i < json_array_size(json); i++) {
		const char *name = json_string_value(json_array_get(json, i));

		if (!name)
			return error_new(EINVAL, "a feature is not a name");

		struct error *error = find(name, &set);

		if (error)
			return error;
	}
	*ret = set;
	return NULL;
}
