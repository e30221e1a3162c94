/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include <string.h>

#include "libcommon/host/feature.h"
#include "wire.h"

/* More of these than a command line can hold. */
enum { LIMIT = 1 << 20 };

struct request request_init(void)
{
	return (struct request){
		.name = "stdin",
		.text = "",
		.settings = settings_default(),
		.root = "/",
	};
}

void request_deinit(struct request *request)
{
	vec_deinit(&request->parameters);
	vec_deinit(&request->include_dirs);
	vec_deinit(&request->include_files);
}

static void set(json_t *json, const char *key, const char *text)
{
	if (text)
		json_object_set_new(json, key, wire_text_to_json(text, strlen(text)));
}

static void set_number(json_t *json, const char *key, uint64_t number)
{
	json_object_set_new(json, key, json_integer((json_int_t)number));
}

static void set_list(json_t *json, const char *key, const request_texts *texts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < texts->count; i++)
		json_array_append_new(
			list, wire_text_to_json(texts->items[i], strlen(texts->items[i])));
	json_object_set_new(json, key, list);
}

json_t *request_to_json(const struct request *request)
{
	json_t *json = json_object();

	set(json, "name", request->name);
	json_object_set_new(json, "text", wire_text_to_json(request->text, request->length));
	set_list(json, "parameters", &request->parameters);
	json_object_set_new(json, "settings", settings_to_json(&request->settings));
	set_number(json, "answer", request->answer);
	set_number(json, "dump_level", (uint64_t)request->dump_level);
	set(json, "dump_pass", request->dump_pass);
	set(json, "probe_filter", request->probe_filter);
	set(json, "traceable", request->traceable);
	json_object_set_new(json, "unsafe", json_boolean(request->unsafe));
	json_object_set_new(json, "keep", json_boolean(request->keep));
	json_object_set_new(json, "has_child", json_boolean(request->has_child));
	json_object_set_new(json, "pid_namespace", json_boolean(request->pid_namespace));
	set_number(json, "helper_errors", (uint64_t)request->helper_errors);
	set(json, "program", request->program);
	set_number(json, "pid", (uint64_t)request->pid);
	set_number(json, "verbose", (uint64_t)request->verbose);
	json_object_set_new(json, "no_warnings", json_boolean(request->no_warnings));
	json_object_set_new(json, "colored", json_boolean(request->colored));
	set_number(json, "waits_since", request->waits_since);
	json_object_set_new(json, "features", feature_to_json(request->features));
	set_list(json, "include_dirs", &request->include_dirs);
	set_list(json, "include_files", &request->include_files);
	set(json, "debug_dirs", request->debug_dirs);
	set(json, "root", request->root);
	set(json, "arch", request->arch);
	return json;
}

static void read_list(struct wire *wire, const char *key, request_texts *ret)
{
	const json_t *list = wire_array(wire, key, LIMIT);

	for (size_t i = 0; i < json_array_size(list) && !wire->error; i++)
		vec_push(ret, wire_text_of(wire, json_array_get(list, i), key));
}

struct error *request_from_json(const json_t *json, struct arena *arena, struct request *ret)
{
	struct wire wire = wire_start(json, "request", arena);
	_cleanup_(request_deinit) struct request request = request_init();

	request.name = wire_text(&wire, "name");
	request.text = wire_bytes(&wire, "text", &request.length);
	read_list(&wire, "parameters", &request.parameters);

	const json_t *settings = wire_object(&wire, "settings");

	if (settings)
		wire.error = settings_from_json(settings, arena, &request.settings);
	request.answer = wire_number(&wire, "answer", 0, ANSWER_OPTIONS);
	request.dump_level = (int)wire_number(&wire, "dump_level", 0, 2);
	request.dump_pass = wire_optional_text(&wire, "dump_pass");
	request.probe_filter = wire_optional_text(&wire, "probe_filter");
	request.traceable = wire_optional_text(&wire, "traceable");
	request.unsafe = wire_bool(&wire, "unsafe");
	request.keep = wire_bool(&wire, "keep");
	request.has_child = wire_bool(&wire, "has_child");
	request.pid_namespace = wire_bool(&wire, "pid_namespace");
	request.helper_errors = (int)wire_number(&wire, "helper_errors", 0, 2);
	request.program = wire_optional_text(&wire, "program");
	request.pid = (int32_t)wire_number(&wire, "pid", 0, INT32_MAX);
	request.verbose = (int)wire_number(&wire, "verbose", 0, INT32_MAX);
	request.no_warnings = wire_bool(&wire, "no_warnings");
	request.colored = wire_bool(&wire, "colored");
	request.waits_since = wire_number(&wire, "waits_since", 0, INT64_MAX);

	const json_t *features = wire_array(&wire, "features", NR_FEATURES);

	if (features)
		wire.error = feature_from_json(features, &request.features);
	read_list(&wire, "include_dirs", &request.include_dirs);
	read_list(&wire, "include_files", &request.include_files);
	request.debug_dirs = wire_optional_text(&wire, "debug_dirs");
	request.root = wire_text(&wire, "root");
	request.arch = wire_optional_text(&wire, "arch");
	if (wire.error)
		return wire.error;
	*ret = request;
	request = (struct request){};
	return NULL;
}
