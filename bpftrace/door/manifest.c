/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manifest as JSON and back. Writing trusts the compiler's own data; reading trusts nothing:
 * after manifest_parse every index points into its list, every action has the constants that its
 * row asks for and every attachment the texts that its kind needs.
 */
#include "manifest.h"

#include <errno.h>
#include <string.h>

#include "libcommon/host/feature.h"
#include "wire.h"

enum {
	LIMIT_PROBES = 1000000, /* what max_probes may be set to */
	LIMIT_LINKS = 1000000,
	LIMIT_MAPS = 65536,
	LIMIT_SITES = 1000000,
};

const struct action_row action_rows[NR_ACTIONS] = {
#define ACTION(NAME, name_, ring_, constants_, doc)                                                \
	[ACTION_##NAME] = {.name = #name_, .ring = RING_##ring_, .constants = constants_},
#include "actions.def"
#undef ACTION
};

void manifest_deinit(struct manifest *manifest)
{
	vec_deinit(&manifest->probes);
	vec_deinit(&manifest->links);
	vec_deinit(&manifest->maps);
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

static json_t *probe_to_json(const struct manifest_probe *probe)
{
	json_t *json = json_object();

	set_text(json, "name", probe->name);
	set_text(json, "function", probe->function);
	set_number(json, "link", probe->link);
	set_text(json, "target", probe->target);
	set_text(json, "event", probe->event);
	set_number(json, "process", (uint64_t)probe->process);
	set_number(json, "address", probe->address);
	set_number(json, "semaphore", probe->semaphore);
	set_number(json, "length", probe->length);
	set_number(json, "argument", probe->argument);
	set_bool(json, "stops", probe->stops);
	set_bool(json, "is_further", probe->is_further);
	set_number(json, "cookie", probe->cookie);
	set_bool(json, "optional", probe->optional);
	return json;
}

static void set_span(json_t *json, struct span span)
{
	json_object_set_new(
		json, "span", json_pack("[I, I]", (json_int_t)span.begin, (json_int_t)span.end));
}

static json_t *link_to_json(const struct manifest_link *link)
{
	json_t *json = json_object();

	set_text(json, "program", link->program);
	set_span(json, link->span);
	set_text(json, "attach", attach_name(link->attach));
	set_text(json, "target", link->target);
	set_bool(json, "is_return", link->is_return);
	set_number(json, "perf_type", link->perf_type);
	set_number(json, "perf_config", link->perf_config);
	set_number(json, "period", link->period);
	set_bool(json, "by_frequency", link->by_frequency);
	set_bool(json, "one_cpu", link->one_cpu);
	return json;
}

static json_t *map_to_json(const struct manifest_map *map)
{
	json_t *json = json_object();

	set_text(json, "name", map->name);
	set_text(json, "symbol", map->symbol);
	set_text(json, "other", map->other);
	set_bool(json, "keyed", map->keyed);
	set_bool(json, "per_cpu", map->per_cpu);
	return json;
}

static json_t *site_to_json(const struct manifest_site *site)
{
	const struct action_row *row = &action_rows[site->action];
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
	set_span(json, site->span);
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
	set_text(json, "kernel", manifest->kernel);
	set_number(json, "kernel_identity", manifest->kernel_identity);
	set_text(json, "source_name", manifest->source_name);
	set_text(json, "source_text", manifest->source_text);
	json_object_set_new(json, "settings", settings_to_json(&manifest->settings));
	json_object_set_new(json, "options", json_array());
	set_bool(json, "unsafe", manifest->unsafe);
	set_number(json, "helper_errors", (uint64_t)manifest->helper_errors);
	set_bool(json, "follows_tai", manifest->follows_tai);
	json_object_set_new(json, "features", feature_to_json(manifest->features));
	LIST_TO_JSON(manifest, json, links, link_to_json);
	LIST_TO_JSON(manifest, json, probes, probe_to_json);
	LIST_TO_JSON(manifest, json, maps, map_to_json);
	LIST_TO_JSON(manifest, json, sites, site_to_json);
	return json;
}

/* --- reading --- */

struct reading {
	struct manifest manifest;
	size_t source_length;
};

static void reading_deinit(struct reading *reading)
{
	manifest_deinit(&reading->manifest);
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

static void read_span(struct wire *wire, const struct reading *reading, struct span *ret)
{
	const json_t *span = wire_array(wire, "span", 2);
	const json_t *begin = json_array_get(span, 0), *end = json_array_get(span, 1);

	if (wire->error)
		return;
	if (!json_is_integer(begin) || !json_is_integer(end)) {
		wire_fail(wire, "'span' is not two numbers");
		return;
	}

	json_int_t first = json_integer_value(begin), last = json_integer_value(end);
	json_int_t length = (json_int_t)MIN(reading->source_length, (size_t)UINT32_MAX);

	if (first < 0 || last < first || last > length)
		wire_fail(wire, "'span' is outside of the script");
	else
		*ret = (struct span){.begin = (uint32_t)first, .end = (uint32_t)last};
}

static void read_link(struct wire *wire, struct reading *reading)
{
	struct manifest_link *link = vec_add(&reading->manifest.links);

	link->program = read_name(wire, "program");
	read_span(wire, reading, &link->span);

	const char *attach = wire_text(wire, "attach");

	if (!wire->error && !attach_find(attach, &link->attach))
		wire_fail(wire, "no way to attach is called '%s'", attach);
	link->target = wire_optional_text(wire, "target");
	link->is_return = wire_bool(wire, "is_return");
	link->perf_type = (uint32_t)wire_number(wire, "perf_type", 0, UINT32_MAX);
	link->perf_config = wire_bits(wire, "perf_config");
	link->period = wire_bits(wire, "period");
	link->by_frequency = wire_bool(wire, "by_frequency");
	link->one_cpu = wire_bool(wire, "one_cpu");
	if (link->attach == ATTACH_RAW_TRACEPOINT || link->attach == ATTACH_SYSCALL)
		need(wire, "target", link->target);
	if (!wire->error && link->attach == ATTACH_PERF && !link->period)
		wire_fail(wire, "'period' is 0");
}

/* The kernel looks these up by a name. */
static bool names_event(enum attach_kind attach)
{
	switch (attach) {
	case ATTACH_TRACEPOINT:
	case ATTACH_KPROBE:
	case ATTACH_KPROBE_SESSION:
	case ATTACH_KPROBE_INSIDE:
	case ATTACH_FENTRY:
	case ATTACH_FEXIT:
	case ATTACH_ITER: return true;
	default: return false;
	}
}

static void read_probe(struct wire *wire, struct reading *reading)
{
	struct manifest_probe *probe = vec_add(&reading->manifest.probes);

	probe->name = read_name(wire, "name");
	probe->function = wire_optional_text(wire, "function");
	probe->target = wire_optional_text(wire, "target");
	probe->event = wire_optional_text(wire, "event");
	probe->process = (int32_t)wire_number(wire, "process", 0, INT32_MAX);
	probe->address = wire_bits(wire, "address");
	probe->semaphore = wire_bits(wire, "semaphore");
	probe->length = (uint32_t)wire_number(wire, "length", 0, sizeof(uint64_t));
	probe->argument = (uint16_t)wire_number(wire, "argument", 0, INT16_MAX);
	probe->stops = wire_bool(wire, "stops");
	probe->is_further = wire_bool(wire, "is_further");
	probe->cookie = wire_bits(wire, "cookie");
	probe->optional = wire_bool(wire, "optional");

	uint64_t link = wire_number(wire, "link", 0, UINT32_MAX);

	if (!wire->error && link >= reading->manifest.links.count)
		wire_fail(wire, "there is no link %lu", (unsigned long)link);
	if (wire->error)
		return;
	probe->link = (uint32_t)link;

	enum attach_kind attach = reading->manifest.links.items[link].attach;

	if (attach == ATTACH_TRACEPOINT || attach == ATTACH_UPROBE ||
		attach == ATTACH_WATCH_ARGUMENT)
		need(wire, "target", probe->target);
	if (names_event(attach))
		need(wire, "event", probe->event);
}

static void read_map(struct wire *wire, struct reading *reading)
{
	struct manifest_map *map = vec_add(&reading->manifest.maps);

	map->name = read_name(wire, "name");
	map->symbol = read_name(wire, "symbol");
	map->other = wire_optional_text(wire, "other");
	map->keyed = wire_bool(wire, "keyed");
	map->per_cpu = wire_bool(wire, "per_cpu");
}

static bool find_action(const char *name, enum action *ret)
{
	for (size_t i = 0; i < NR_ACTIONS; i++) {
		if (strcmp(action_rows[i].name, name) == 0) {
			*ret = (enum action)i;
			return true;
		}
	}
	return false;
}

static void read_site(struct wire *wire, struct reading *reading)
{
	struct manifest_site *site = vec_add(&reading->manifest.sites);
	const char *name = wire_text(wire, "action");

	if (!wire->error && !find_action(name, &site->action))
		wire_fail(wire, "no action is called '%s'", name);
	if (wire->error)
		return;

	unsigned constants = action_rows[site->action].constants;

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
	read_span(wire, reading, &site->span);
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

static void read_manifest(struct wire *wire, struct reading *reading)
{
	struct manifest *manifest = &reading->manifest;
	uint64_t version = wire_bits(wire, "manifest");

	if (!wire->error && version != MANIFEST_VERSION)
		wire_fail(wire, "its version is %lu, this program reads version %d",
			(unsigned long)version, MANIFEST_VERSION);
	manifest->version = wire_text(wire, "version");
	manifest->kernel = wire_optional_text(wire, "kernel");
	manifest->kernel_identity = wire_bits(wire, "kernel_identity");
	manifest->source_name = wire_text(wire, "source_name");
	manifest->source_text = wire_text(wire, "source_text");
	reading->source_length = strlen(manifest->source_text);

	const json_t *settings = wire_object(wire, "settings");

	if (settings)
		wire->error = settings_from_json(settings, wire->arena, &manifest->settings);
	manifest->unsafe = wire_bool(wire, "unsafe");
	manifest->helper_errors = (int)wire_number(wire, "helper_errors", 0, 2);
	manifest->follows_tai = wire_bool(wire, "follows_tai");

	const json_t *features = wire_array(wire, "features", NR_FEATURES);

	if (features)
		wire->error = feature_from_json(features, &manifest->features);
	read_list(wire, "links", "link", LIMIT_LINKS, read_link, reading);
	read_list(wire, "probes", "probe", LIMIT_PROBES, read_probe, reading);
	read_list(wire, "maps", "map", LIMIT_MAPS, read_map, reading);
	read_list(wire, "sites", "call site", LIMIT_SITES, read_site, reading);
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
