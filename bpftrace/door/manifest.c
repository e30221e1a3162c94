/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manifest as JSON and back. The writer trusts its data; the reader treats its input as
 * hostile: after manifest_parse every index points into its list, every action has the constants of
 * its row, and every link the texts that its attach type requires.
 */
#include "manifest.h"

#include <errno.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/host/feature.h"
#include "wire.h"

enum {
	LIMIT_NAMES = 2000000, /* two of each probe */
	LIMIT_SITES = 1000000,
	LIMIT_OPTIONS = 4096,
};

const struct action_desc action_descs[NR_ACTIONS] = {
#define ACTION(NAME, name_, ring_, constants_, doc)                                                \
	[ACTION_##NAME] = {.name = #name_, .ring = RING_##ring_, .constants = constants_},
#include "actions.def"
#undef ACTION
};

void manifest_deinit(struct manifest *manifest)
{
#define LIST(name, list, limit, fields) vec_deinit(&manifest->list);
#include "manifest.def"
#undef LIST
	vec_deinit(&manifest->options);
	vec_deinit(&manifest->names);
	vec_deinit(&manifest->sites);
}

bool manifest_has_action(const struct manifest *manifest, enum action action)
{
	const struct manifest_site *site;

	vec_for_each (&manifest->sites, site) {
		if (site->action == action)
			return true;
	}
	return false;
}

/* --- writing --- */

static void set_text(json_t *json, const char *key, const char *text)
{
	if (text)
		json_object_set_new(json, key, wire_text_to_json(text, strlen(text)));
}

static void set_number(json_t *json, const char *key, uint64_t number)
{
	json_object_set_new(json, key, json_integer((json_int_t)number));
}

static void set_bool(json_t *json, const char *key, bool value)
{
	json_object_set_new(json, key, json_boolean(value));
}

static void set_span(json_t *json, const char *key, struct span span)
{
	json_object_set_new(json, key,
		json_pack("[I, I, I]", (json_int_t)span.source, (json_int_t)span.begin,
			(json_int_t)span.end));
}

static json_t *name_to_json(const char *const *name)
{
	return wire_text_to_json(*name, strlen(*name));
}

#define SET_TEXT(json, key, value)   set_text(json, key, value)
#define SET_SOME(json, key, value)   set_text(json, key, value)
#define SET_NAME(json, key, value)   set_text(json, key, value)
#define SET_BOOL(json, key, value)   set_bool(json, key, value)
#define SET_BITS(json, key, value)   set_number(json, key, value)
#define SET_U32(json, key, value)    set_number(json, key, value)
#define SET_PID(json, key, value)    set_number(json, key, (uint64_t)(value))
#define SET_WIDTH(json, key, value)  set_number(json, key, value)
#define SET_OFFSET(json, key, value) set_number(json, key, value)
#define SET_SPAN(json, key, value)   set_span(json, key, value)
#define SET_ATTACH(json, key, value) set_text(json, key, attach_descs[value].name)

#define FIELD(KIND, name) SET_##KIND(json, #name, row->name);
#define LIST(name, list, limit, fields)                                                            \
	static json_t *name##_to_json(const struct manifest_##name *row)                           \
	{                                                                                          \
		json_t *json = json_object();                                                      \
                                                                                                   \
		fields return json;                                                                \
	}
#include "manifest.def"
#undef LIST
#undef FIELD

static json_t *site_to_json(const struct manifest_site *site)
{
	const struct action_desc *row = &action_descs[site->action];
	json_t *json = json_object();

	set_text(json, "action", row->name);
	set_text(json, "record", site->record);
	if (row->constants & SITE_TEXT)
		json_object_set_new(json, "text", wire_text_to_json(site->text, site->text_length));
	if (row->constants & SITE_MAP)
		set_number(json, "map", site->map);
	if (row->constants & SITE_TOP)
		set_number(json, "top", site->top);
	if (row->constants & SITE_DIVISOR)
		set_number(json, "divisor", site->divisor);
	set_span(json, "span", site->span);
	return json;
}

/* The list `name` of manifest as a JSON array, each element by its function. */
#define LIST_TO_JSON(manifest, json, name, to_json)                                                \
	do {                                                                                       \
		json_t *list_ = json_array();                                                      \
		for (size_t i_ = 0; i_ < (manifest)->name.count; i_++)                             \
			json_array_append_new(list_, to_json(&(manifest)->name.items[i_]));        \
		json_object_set_new(json, #name, list_);                                           \
	} while (0)

json_t *manifest_to_json(const struct manifest *manifest)
{
	json_t *json = json_object();

	set_number(json, "manifest", MANIFEST_VERSION);
	set_text(json, "version", manifest->version);
	set_text(json, "arch", manifest->arch);
	set_text(json, "kernel", manifest->kernel);
	set_number(json, "kernel_identity", manifest->kernel_identity);
	json_object_set_new(json, "settings", settings_to_json(&manifest->settings));
	json_object_set_new(json, "options", script_options_to_json(&manifest->options));
	set_bool(json, "unsafe", manifest->unsafe);
	set_bool(json, "is_newer", manifest->is_newer);
	set_number(json, "helper_errors", (uint64_t)manifest->helper_errors);
	set_bool(json, "follows_tai", manifest->follows_tai);
	json_object_set_new(json, "features", feature_to_json(manifest->features));
	LIST_TO_JSON(manifest, json, names, name_to_json);
#define LIST(name, list, limit, fields) LIST_TO_JSON(manifest, json, list, name##_to_json);
#include "manifest.def"
#undef LIST
	LIST_TO_JSON(manifest, json, sites, site_to_json);
	return json;
}

/* --- reading --- */

struct reading {
	struct manifest manifest;
	VEC(size_t) lengths; /* of the sources */
};

static void reading_deinit(struct reading *reading)
{
	manifest_deinit(&reading->manifest);
	vec_deinit(&reading->lengths);
}

/* A name that will be looked up: not empty. */
static const char *read_name(struct wire *wire, const char *key)
{
	const char *name = wire_text(wire, key);

	if (!wire->error && !*name)
		wire_fail(wire, "'%s' is empty", key);
	return name;
}

static void need(struct wire *wire, const char *key, const char *text)
{
	if (!text || !*text)
		wire_fail(wire, "'%s' is missing", key);
}

/* The number at an index of the list when it is in the range, else false. */
static bool part_of(const json_t *list, size_t index, uint64_t min, uint64_t max, uint32_t *ret)
{
	const json_t *part = json_array_get(list, index);
	json_int_t number = json_integer_value(part);

	*ret = (uint32_t)number;
	return json_is_integer(part) && number >= (json_int_t)min &&
	       number <= (json_int_t)MIN(max, UINT32_MAX);
}

static struct span read_span(struct wire *wire, const char *key, const struct reading *reading)
{
	const json_t *list = wire_array(wire, key, 3);
	size_t sources = reading->lengths.count;
	struct span span = {};

	if (!wire->error &&
		!(sources && part_of(list, 0, 0, sources - 1, &span.source) &&
			part_of(list, 1, 0, reading->lengths.items[span.source], &span.begin) &&
			part_of(list, 2, span.begin, reading->lengths.items[span.source],
				&span.end)))
		wire_fail(wire, "'%s' is outside of the sources", key);
	return span;
}

static enum attach_kind read_attach(struct wire *wire, const char *key)
{
	const char *name = wire_text(wire, key);
	enum attach_kind kind = ATTACH_BEGIN;

	if (!wire->error && !attach_find(name, &kind))
		wire_fail(wire, "unknown attach type '%s'", name);
	return kind;
}

#define GET_TEXT(key)   wire_optional_text(wire, key)
#define GET_SOME(key)   wire_text(wire, key)
#define GET_NAME(key)   read_name(wire, key)
#define GET_BOOL(key)   wire_bool(wire, key)
#define GET_BITS(key)   wire_bits(wire, key)
#define GET_U32(key)    (uint32_t) wire_number(wire, key, 0, UINT32_MAX)
#define GET_PID(key)    (int32_t) wire_number(wire, key, 0, INT32_MAX)
#define GET_WIDTH(key)  (uint32_t) wire_number(wire, key, 0, sizeof(uint64_t))
#define GET_OFFSET(key) (uint16_t) wire_number(wire, key, 0, INT16_MAX)
#define GET_SPAN(key)   read_span(wire, key, reading)
#define GET_ATTACH(key) read_attach(wire, key)

/* read_NAME(): one row more, whose fields are right one by one. */
#define FIELD(KIND, name) row->name = GET_##KIND(#name);
#define LIST(name, list, limit, fields)                                                            \
	static struct manifest_##name *read_##name(struct wire *wire, struct reading *reading)     \
	{                                                                                          \
		struct manifest_##name *row = vec_add(&reading->manifest.list);                    \
                                                                                                   \
		fields return row;                                                                 \
	}
#include "manifest.def"
#undef LIST
#undef FIELD

/* --- constraints between the fields of a row --- */

/* What an expansion refers to stands before it. */
static void take_source(struct wire *wire, struct reading *reading)
{
	const struct manifest_source *source = read_source(wire, reading);
	const size_t *lengths = reading->lengths.items;
	size_t before = reading->lengths.count, length;

	if (wire->error)
		return;
	if (source->expands &&
		(source->expands > before || source->caller >= before ||
			source->begin > source->end || source->end > lengths[source->caller])) {
		wire_fail(wire, "an expansion is outside of the sources");
		return;
	}
	length = source->expands ? lengths[source->expands - 1] : strlen(source->text);
	vec_push(&reading->lengths, length);
}

static void take_statement(struct wire *wire, struct reading *reading)
{
	read_statement(wire, reading);
}

static void take_link(struct wire *wire, struct reading *reading)
{
	const struct manifest_link *link = read_link(wire, reading);

	if (wire->error)
		return;
	if (attach_has(link->attach, NEEDS_LINK_TARGET))
		need(wire, "target", link->target);
	if (attach_has(link->attach, NEEDS_PERIOD) && !link->period)
		wire_fail(wire, "'period' is 0");
}

static void take_probe(struct wire *wire, struct reading *reading)
{
	const struct manifest_probe *probe = read_probe(wire, reading);

	if (!wire->error && probe->link >= reading->manifest.links.count)
		wire_fail(wire, "there is no link %u", probe->link);
	if (wire->error)
		return;

	const struct manifest_link *link = &reading->manifest.links.items[probe->link];
	enum attach_kind attach = link->attach;

	if (!attach_serves(attach, link->is_return, probe->name))
		wire_fail(wire, "'%s' is not what %s attaches", probe->name,
			attach_descs[attach].name);
	if (attach_has(attach, NEEDS_TARGET))
		need(wire, "target", probe->target);
	if (attach_has(attach, NEEDS_EVENT))
		need(wire, "event", probe->event);
}

static void take_address(struct wire *wire, struct reading *reading)
{
	read_address(wire, reading);
}

static void take_map(struct wire *wire, struct reading *reading)
{
	static const char characters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	const struct manifest_map *map = read_map(wire, reading);

	if (!wire->error && (*map->name != '@' || map->name[1 + strspn(map->name + 1, characters)]))
		wire_fail(wire, "invalid map name '%s'", map->name);
}

static bool find_action(const char *name, enum action *ret)
{
	for (size_t i = 0; i < NR_ACTIONS; i++) {
		if (strcmp(action_descs[i].name, name) == 0) {
			*ret = (enum action)i;
			return true;
		}
	}
	return false;
}

static void take_site(struct wire *wire, struct reading *reading)
{
	struct manifest_site *site = vec_add(&reading->manifest.sites);
	const char *name = wire_text(wire, "action");

	if (!wire->error && !find_action(name, &site->action))
		wire_fail(wire, "unknown action '%s'", name);
	if (wire->error)
		return;

	unsigned constants = action_descs[site->action].constants;

	site->record = read_name(wire, "record");
	if (constants & SITE_TEXT)
		site->text = wire_bytes(wire, "text", &site->text_length);
	if (constants & SITE_MAP && !reading->manifest.maps.count)
		wire_fail(wire, "there are no maps");
	else if (constants & SITE_MAP)
		site->map = (uint32_t)wire_number(wire, "map", 0, reading->manifest.maps.count - 1);
	if (constants & SITE_TOP)
		site->top = wire_bits(wire, "top");
	if (constants & SITE_DIVISOR)
		site->divisor = wire_bits(wire, "divisor");
	if (!wire->error && constants & SITE_DIVISOR && !site->divisor)
		wire_fail(wire, "'divisor' is 0");
	site->span = read_span(wire, "span", reading);
}

/* Reads each object of the array called name; error messages count from 0: "probe 3: …". */
static void read_list(struct wire *wire, const char *name, const char *singular, size_t limit,
	void (*read)(struct wire *, struct reading *), struct reading *reading)
{
	const json_t *list = wire_array(wire, name, limit);

	for (size_t i = 0; i < json_array_size(list) && !wire->error; i++) {
		struct wire item = wire_start(json_array_get(list, i), singular, wire->arena);

		if (!item.error)
			read(&item, reading);
		if (item.error)
			wire->error = error_prefix(item.error, "manifest, entry %zu", i);
	}
}

/* The members of a session are as many returns as entries, of the same functions in one order. */
static bool is_session(const struct manifest *manifest, uint32_t link)
{
	VEC(const struct manifest_probe *) members = {};
	const struct manifest_probe *probe;
	bool fits;

	vec_for_each (&manifest->probes, probe) {
		if (probe->link == link)
			vec_push(&members, probe);
	}

	size_t functions = members.count / 2;

	fits = members.count == 2 * functions;
	for (size_t i = 0; i < functions && fits; i++) {
		const struct manifest_probe *enter = members.items[i];
		const struct manifest_probe *leave = members.items[functions + i];

		fits = strncmp(enter->name, "kprobe:", 7) == 0 &&
		       strncmp(leave->name, "kretprobe:", 10) == 0 &&
		       strcmp(enter->event, leave->event) == 0;
	}
	vec_deinit(&members);
	return fits;
}

static void check_links(struct wire *wire, const struct manifest *manifest)
{
	_cleanup_free_ bool *used = xcalloc(manifest->links.count + 1, sizeof(*used));
	const struct manifest_probe *probe;

	vec_for_each (&manifest->probes, probe)
		used[probe->link] = true;
	for (uint32_t i = 0; i < manifest->links.count && !wire->error; i++) {
		if (!used[i])
			wire_fail(wire, "link %u has no probe", i);
		else if (manifest->links.items[i].attach == ATTACH_KPROBE_SESSION &&
			 !is_session(manifest, i))
			wire_fail(wire, "link %u is not a session of entries and returns", i);
	}
}

static void read_names(struct wire *wire, struct reading *reading)
{
	const json_t *list = wire_array(wire, "names", LIMIT_NAMES);

	for (size_t i = 0; i < json_array_size(list) && !wire->error; i++)
		vec_push(&reading->manifest.names,
			wire_text_of(wire, json_array_get(list, i), "names"));
}

static void read_manifest(struct wire *wire, struct reading *reading)
{
	struct manifest *manifest = &reading->manifest;
	uint64_t version = wire_bits(wire, "manifest");

	if (!wire->error && version != MANIFEST_VERSION)
		wire_fail(wire,
			"its version is %lu, this program reads version %d; compile the script "
			"again",
			(unsigned long)version, MANIFEST_VERSION);
	manifest->version = wire_text(wire, "version");
	manifest->arch = wire_text(wire, "arch");
	manifest->kernel = wire_optional_text(wire, "kernel");
	manifest->kernel_identity = wire_bits(wire, "kernel_identity");

	const json_t *settings = wire_object(wire, "settings");

	if (settings)
		wire->error = settings_from_json(settings, wire->arena, &manifest->settings);
	const json_t *options = wire_array(wire, "options", LIMIT_OPTIONS);

	if (options)
		wire->error = script_options_from_json(options, wire->arena, &manifest->options);
	manifest->unsafe = wire_bool(wire, "unsafe");
	manifest->is_newer = wire_bool(wire, "is_newer");
	manifest->helper_errors = (int)wire_number(wire, "helper_errors", 0, 2);
	manifest->follows_tai = wire_bool(wire, "follows_tai");

	const json_t *features = wire_array(wire, "features", NR_FEATURES);

	if (features)
		wire->error = feature_from_json(features, &manifest->features);
	read_names(wire, reading);
#define LIST(name, list, limit, fields) read_list(wire, #list, #name, limit, take_##name, reading);
#include "manifest.def"
#undef LIST
	if (!wire->error)
		check_links(wire, manifest);
	read_list(wire, "sites", "call site", LIMIT_SITES, take_site, reading);
}

struct error *manifest_parse(
	const void *data, size_t size, struct arena *arena, struct manifest *ret)
{
	_cleanup_(reading_deinit) struct reading reading = {};
	_cleanup_json_ json_t *json = NULL;
	struct error *error = json_parse(data, size, &json);

	if (error)
		return error_prefix(error, "manifest");

	struct wire wire = wire_start(json, "manifest", arena);

	if (!wire.error)
		read_manifest(&wire, &reading);
	if (wire.error)
		return wire.error;
	*ret = reading.manifest;
	reading.manifest = (struct manifest){};
	return NULL;
}
