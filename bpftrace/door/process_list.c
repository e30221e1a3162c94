/* SPDX-License-Identifier: Apache-2.0 */
#include "process_list.h"

#include <string.h>

#include "wire.h"

enum { LIMIT = 1 << 20 }; /* roots, and files */

static void set_text(json_t *json, const char *key, const char *text)
{
	if (text)
		json_object_set_new(json, key, wire_text_to_json(text, strlen(text)));
}

static json_t *file_to_json(const struct process_file *file)
{
	json_t *json = json_pack("{s: i, s: i, s: b}", "root", (int)file->root, "home",
		(int)file->home, "is_program", file->is_program);

	set_text(json, "path", file->path);
	set_text(json, "link", file->link);
	return json;
}

json_t *process_list_to_json(const struct processes *processes)
{
	json_t *roots = json_array(), *files = json_array();
	const struct process_root *root;
	const struct process_file *file;

	vec_for_each (&processes->roots, root)
		json_array_append_new(roots, json_pack("{s: i}", "pid", root->pid));
	vec_for_each (&processes->files, file)
		json_array_append_new(files, file_to_json(file));
	return json_pack("{s: o, s: o, s: b}", "roots", roots, "files", files, "is_limited",
		processes->is_limited);
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
	struct process_root root = {
		.pid = (int32_t)wire_number(wire, "pid", 1, INT32_MAX), .host = HOST_INIT};

	root.host.root = (uint32_t)processes->roots.count + 1;
	if (!wire->error)
		vec_push(&processes->roots, root);
}

static void read_file(struct wire *wire, struct processes *processes)
{
	struct process_file file = {.path = wire_text(wire, "path")};

	file.link = wire_optional_text(wire, "link");
	file.root = (uint32_t)wire_number(wire, "root", 0, processes->roots.count);
	file.home = (uint32_t)wire_number(wire, "home", 0, processes->roots.count);
	file.is_program = wire_bool(wire, "is_program");
	if (!wire->error)
		vec_push(&processes->files, file);
}

struct error *process_list_from_json(const json_t *json, struct arena *arena, struct processes *ret)
{
	struct wire wire = wire_start(json, "processes", arena);
	_cleanup_processes_ struct processes processes = {};

	read_objects(&wire, "roots", &processes, read_root);
	read_objects(&wire, "files", &processes, read_file);
	processes.is_limited = wire_bool(&wire, "is_limited");
	if (wire.error)
		return wire.error;
	*ret = processes;
	processes = (struct processes){};
	return NULL;
}
