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
	processes_deinit(&request->processes);
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

static json_t *root_to_json(const struct process_root *root)
{
	return json_pack("{s: i, s: i}", "pid", root->pid, "fd", root->host.root_fd);
}

static json_t *file_to_json(const struct process_file *file)
{
	json_t *json = json_object();

	set(json, "path", file->path);
	set_number(json, "root", file->root);
	return json;
}

static void set_processes(json_t *json, const struct processes *processes)
{
	json_t *roots = json_array(), *files = json_array();
	const struct process_root *root;
	const struct process_file *file;

	vec_for_each (&processes->roots, root)
		json_array_append_new(roots, root_to_json(root));
	vec_for_each (&processes->files, file)
		json_array_append_new(files, file_to_json(file));
	json_object_set_new(json, "roots", roots);
	json_object_set_new(json, "files", files);
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
	set(json, "dump_stage", request->dump_stage);
	json_object_set_new(json, "unsafe", json_boolean(request->unsafe));
	json_object_set_new(json, "keep", json_boolean(request->keep));
	json_object_set_new(json, "has_child", json_boolean(request->has_child));
	set_number(json, "helper_errors", (uint64_t)request->helper_errors);
	set(json, "program", request->program);
	set_number(json, "pid", (uint64_t)request->pid);
	json_object_set_new(json, "has_processes", json_boolean(request->has_processes));
	set_processes(json, &request->processes);
	set_number(json, "verbose", (uint64_t)request->verbose);
	json_object_set_new(json, "no_warnings", json_boolean(request->no_warnings));
	json_object_set_new(json, "features", feature_to_json(request->features));
	set_list(json, "include_dirs", &request->include_dirs);
	set_list(json, "include_files", &request->include_files);
	set(json, "root", request->root);
	return json;
}

static void read_list(struct wire *wire, const char *key, request_texts *ret)
{
	const json_t *list = wire_array(wire, key, LIMIT);

	for (size_t i = 0; i < json_array_size(list) && !wire->error; i++)
		vec_push(ret, wire_text_of(wire, json_array_get(list, i), key));
}

/* Calls read for each object of a list. */
static void read_objects(struct wire *wire, const char *key, struct processes *processes,
	void (*read)(struct wire *, struct processes *))
{
	const json_t *list = wire_array(wire, key, LIMIT);

	for (size_t i = 0; i < json_array_size(list) && !wire->error; i++) {
		struct wire item = wire_start(json_array_get(list, i), key, wire->arena);

		if (!item.error)
			read(&item, processes);
		wire->error = item.error;
	}
}

static void read_root(struct wire *wire, struct processes *processes)
{
	struct process_root root = {.pid = (int32_t)wire_number(wire, "pid", 1, INT32_MAX)};

	root.host.root_fd = (int)wire_number(wire, "fd", 0, INT32_MAX);
	if (!wire->error)
		vec_push(&processes->roots, root);
}

static void read_file(struct wire *wire, struct processes *processes)
{
	struct process_file file = {.path = wire_text(wire, "path")};

	file.root = (uint32_t)wire_number(wire, "root", 0, processes->roots.count);
	if (!wire->error)
		vec_push(&processes->files, file);
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
	request.answer = wire_number(&wire, "answer", 0, ANSWER_LIST);
	request.dump_level = (int)wire_number(&wire, "dump_level", 0, 2);
	request.dump_stage = wire_optional_text(&wire, "dump_stage");
	request.unsafe = wire_bool(&wire, "unsafe");
	request.keep = wire_bool(&wire, "keep");
	request.has_child = wire_bool(&wire, "has_child");
	request.helper_errors = (int)wire_number(&wire, "helper_errors", 0, 2);
	request.program = wire_optional_text(&wire, "program");
	request.pid = (int32_t)wire_number(&wire, "pid", 0, INT32_MAX);
	request.has_processes = wire_bool(&wire, "has_processes");
	read_objects(&wire, "roots", &request.processes, read_root);
	read_objects(&wire, "files", &request.processes, read_file);
	request.verbose = (int)wire_number(&wire, "verbose", 0, INT32_MAX);
	request.no_warnings = wire_bool(&wire, "no_warnings");

	const json_t *features = wire_array(&wire, "features", NR_FEATURES);

	if (features)
		wire.error = feature_from_json(features, &request.features);
	read_list(&wire, "include_dirs", &request.include_dirs);
	read_list(&wire, "include_files", &request.include_files);
	request.root = wire_text(&wire, "root");
	if (wire.error)
		return wire.error;
	*ret = request;
	request = (struct request){};
	return NULL;
}
