/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bundle: LLVM's ELF object, completed. LLVM describes functions and lines in .BTF; to that are
 * appended the types that maps and records reach (all of their ids shifted by one constant, so that
 * .BTF.ext stays valid), the state, and the definitions of the maps in the form that libbpf reads
 * (see "BTF-defined maps" in its documentation). The manifest replaces the placeholder LLVM made
 * room with.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <gelf.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "bpftrace/door/stack.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/json.h"
#include "libcommon/elf/section.h"
#include "libcommon/host/procfs.h"
#include "defect.h"
#include "emit.h"
#include "emitter.h"
#include "lines.h"
#include "module.h"
#include "object_file.h"
#include "plan.h"

/* --- BTF --- */

/* One map as libbpf wants it: numbers are the lengths of arrays that pointers point to. */
struct map_definition {
	const char *symbol;
	uint32_t type;
	uint32_t entries;
	uint32_t key; /* ids in the object's BTF; 0: none */
	uint32_t value;
};

struct types_of_object {
	struct btf *btf;
	int number; /* "int" */
};

/* Adding to BTF fails only without memory or for invalid arguments: both are internal errors. */
static int must(int id)
{
	if (id < 0)
		defect("cannot write BTF: %s", strerror(-id));
	return id;
}

static int pointer_to_number(struct types_of_object *types, uint32_t value)
{
	int array = must(btf__add_array(types->btf, types->number, types->number, value));

	return must(btf__add_ptr(types->btf, array));
}

static int add_definition(struct types_of_object *types, const struct map_definition *map)
{
	struct {
		const char *name;
		int type;
	} members[] = {
		{"type", pointer_to_number(types, map->type)},
		{"max_entries", pointer_to_number(types, map->entries)},
		{"key", map->key ? must(btf__add_ptr(types->btf, map->key)) : 0},
		{"value", map->value ? must(btf__add_ptr(types->btf, map->value)) : 0},
	};
	uint32_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		count += members[i].type != 0;
	int definition = must(btf__add_struct(types->btf, NULL, count * 8));

	for (size_t i = 0, at = 0; i < ARRAY_SIZE(members); i++)
		if (members[i].type)
			must(btf__add_field(
				types->btf, members[i].name, members[i].type, 64 * at++, 0));
	return must(btf__add_var(types->btf, map->symbol, BTF_VAR_GLOBAL_ALLOCATED, definition));
}

/* --- maps --- */

static void add_map(struct map_definition *list, size_t *count, struct map_definition map)
{
	list[(*count)++] = map;
}

/* What an unkeyed map holds: the value, and whether it was ever set. */
static uint32_t element_type(struct compilation *c, const struct map *map)
{
	if (map->keyed)
		return map->value;
	struct types_field fields[] = {
		{"value", map->value}, {"set", types_integer(c->types, 8, false)}};

	return types_struct(c->types, "element", fields, ARRAY_SIZE(fields));
}

static uint32_t map_type(const struct compilation *c, const struct map *map)
{
	bool per_cpu = plan_per_cpu(c, map);

	if (!map->keyed)
		return per_cpu ? BPF_MAP_TYPE_PERCPU_ARRAY : BPF_MAP_TYPE_ARRAY;
	if (map_is_lru(map))
		return per_cpu ? BPF_MAP_TYPE_LRU_PERCPU_HASH : BPF_MAP_TYPE_LRU_HASH;
	return per_cpu ? BPF_MAP_TYPE_PERCPU_HASH : BPF_MAP_TYPE_HASH;
}

static uint32_t map_entries(const struct compilation *c, const struct map *map)
{
	if (!map->keyed)
		return 1;
	return map->limit ? map->limit : c->settings.max_map_keys;
}

/* The types to export, in this order: per map key and element, element and key of the scratch map
 * and of the stacks, then records. */
struct roots {
	uint32_t *ids;
	size_t count;
};

static struct roots collect_roots(struct emitter *e)
{
	struct compilation *c = e->c;
	size_t most = 2 * c->maps.count + 4 + e->records.count;
	struct roots roots = {.ids = arena_array(c->arena, uint32_t, most)};
	struct map **map;

	vec_for_each (&c->maps, map) {
		roots.ids[roots.count++] =
			(*map)->keyed ? (*map)->key : types_integer(c->types, 4, false);
		roots.ids[roots.count++] = element_type(c, *map);
	}
	uint32_t slot = 8 + ALIGN_UP(MAX(e->scratch_size, 8u), 8u);

	roots.ids[roots.count++] =
		types_array(c->types, types_integer(c->types, 8, false), slot / 8);
	roots.ids[roots.count++] = types_integer(c->types, 4, false);
	roots.ids[roots.count++] = types_array(c->types, types_integer(c->types, 8, false),
		STACK_BYTES(c->stack_depth) / sizeof(uint64_t));
	roots.ids[roots.count++] = types_integer(c->types, 8, false);
	uint32_t *record;

	vec_for_each (&e->records, record)
		roots.ids[roots.count++] = *record;
	return roots;
}

/* The rings' and the scratch map's sizes are the runner's to set: they depend on the machine. */
static size_t define_maps(struct emitter *e, const uint32_t *ids, struct map_definition *ret)
{
	struct compilation *c = e->c;
	size_t count = 0;

	for (size_t i = 0; i < c->maps.count; i++) {
		const struct map *map = c->maps.items[i];
		struct map_definition definition = {
			.symbol = map->symbol,
			.type = map_type(c, map),
			.entries = map_entries(c, map),
			.key = ids[2 * i],
			.value = ids[2 * i + 1],
		};

		add_map(ret, &count, definition);
		definition.symbol = map->standby_symbol;
		if (map->standby_symbol)
			add_map(ret, &count, definition);
	}
	const uint32_t *scratch = ids + 2 * c->maps.count;

	if (LLVMGetNamedGlobal(e->module, MAP_SCRATCH))
		add_map(ret, &count,
			(struct map_definition){
				MAP_SCRATCH, BPF_MAP_TYPE_ARRAY, 1, scratch[1], scratch[0]});
	if (LLVMGetNamedGlobal(e->module, MAP_PACKETS))
		add_map(ret, &count,
			(struct map_definition){MAP_PACKETS, BPF_MAP_TYPE_PERF_EVENT_ARRAY, 1,
				scratch[1], scratch[1]});
	if (LLVMGetNamedGlobal(e->module, MAP_STACKS))
		add_map(ret, &count,
			(struct map_definition){MAP_STACKS, BPF_MAP_TYPE_HASH,
				c->settings.max_stacks, scratch[3], scratch[2]});
	static const char *const rings[] = {MAP_DATA_RING, MAP_CONTROL_RING};

	for (size_t i = 0; i < ARRAY_SIZE(rings); i++)
		if (LLVMGetNamedGlobal(e->module, rings[i]))
			add_map(ret, &count,
				(struct map_definition){
					rings[i], BPF_MAP_TYPE_RINGBUF, 4096, 0, 0});
	return count;
}

static void add_section(struct types_of_object *types, const struct object_file *object,
	const char *section, const struct map_definition *maps, size_t count)
{
	int *variables = xcalloc(count, sizeof(*variables));

	for (size_t i = 0; i < count; i++)
		variables[i] = add_definition(types, &maps[i]);
	must(btf__add_datasec(types->btf, section, object_file_section_size(object, section)));
	for (size_t i = 0; i < count; i++)
		must(btf__add_datasec_var_info(types->btf, variables[i],
			object_file_symbol(object, maps[i].symbol), MODULE_MAP_BYTES));
	free(variables);
}

/* A section of one variable. */
static void add_variable(struct types_of_object *types, const char *section, const char *name,
	int type, uint32_t size)
{
	int variable = must(btf__add_var(types->btf, name, BTF_VAR_GLOBAL_ALLOCATED, type));

	must(btf__add_datasec(types->btf, section, size));
	must(btf__add_datasec_var_info(types->btf, variable, 0, size));
}

/* The shared words, with their names, as bpftool shows them. */
static void add_state(struct types_of_object *types, const struct compilation *c)
{
	static const char *const words[] = {
#define STATE(name, doc) #name,
#include "bpftrace/door/state.def"
#undef STATE
	};
	uint32_t size = sizeof(struct state) + c->maps.count * sizeof(struct state_map);
	int word = must(btf__add_int(types->btf, "uint64", sizeof(uint64_t), 0));
	int pair = must(btf__add_array(types->btf, types->number, word, 2));
	int map = must(btf__add_struct(types->btf, "state_map", sizeof(struct state_map)));

	must(btf__add_field(types->btf, "failures", word, 0, 0));
	must(btf__add_field(types->btf, "generation", word, 64, 0));
	must(btf__add_field(types->btf, "elements", pair, 128, 0));
	int maps = must(btf__add_array(types->btf, types->number, map, c->maps.count));
	int state = must(btf__add_struct(types->btf, "state", size));

	for (size_t i = 0; i < NR_STATE_WORDS; i++)
		must(btf__add_field(types->btf, words[i], word, 64 * i, 0));
	must(btf__add_field(types->btf, "maps", maps, 64 * NR_STATE_WORDS, 0));
	add_variable(types, ".bss", "state", state, size);
}

/* The runner's constants, if code reads them. */
static void add_constants(struct types_of_object *types, const struct object_file *object)
{
	static const char *const words[] = {
#define CONSTANT(name, doc) #name,
#include "bpftrace/door/constants.def"
#undef CONSTANT
	};
	uint32_t size = sizeof(struct constants);
	GElf_Shdr header;

	if (!section_next(object->elf, NULL, SECTION_CONSTANTS, &header))
		return;
	int word = must(btf__add_int(types->btf, "uint64", sizeof(uint64_t), 0));
	int constants = must(btf__add_struct(types->btf, "constants", size));

	for (size_t i = 0; i < NR_CONSTANT_WORDS; i++)
		must(btf__add_field(types->btf, words[i], word, 64 * i, 0));
	add_variable(types, SECTION_CONSTANTS, "constants", constants, size);
}

/* The addresses that the runner fills in, if code reads any. */
static void add_addresses(struct types_of_object *types, const struct object_file *object,
	const struct compilation *c)
{
	uint32_t size = (uint32_t)(c->addresses.count * sizeof(uint64_t));
	GElf_Shdr header;

	if (!section_next(object->elf, NULL, SECTION_ADDRESSES, &header))
		return;

	int word = must(btf__add_int(types->btf, "uint64", sizeof(uint64_t), 0));
	int array = must(btf__add_array(types->btf, types->number, word, c->addresses.count));

	add_variable(types, SECTION_ADDRESSES, "addresses", array, size);
}

/* The values of options, if code reads any: bytes, since their places are in the manifest. */
static void add_options(struct types_of_object *types, const struct object_file *object,
	const struct compilation *c)
{
	GElf_Shdr header;

	if (!section_next(object->elf, NULL, SECTION_OPTIONS, &header))
		return;

	int byte = must(btf__add_int(types->btf, "char", 1, 0));
	int array = must(btf__add_array(types->btf, types->number, byte, c->options_size));

	add_variable(types, SECTION_OPTIONS, "options", array, c->options_size);
}

static struct btf *complete_btf(
	struct emitter *e, const struct object_file *object, const Elf_Data *data)
{
	struct compilation *c = e->c;
	struct roots roots = collect_roots(e);
	uint32_t *ids = arena_array(c->arena, uint32_t, roots.count);
	struct btf *exported = NULL;
	struct error *error = types_export(c->types, roots.ids, roots.count, ids, &exported);

	if (error)
		defect("%s", error->message);
	struct types_of_object types = {.btf = btf__new(data->d_buf, data->d_size)};

	if (!types.btf)
		must(-errno);
	int first = must(btf__add_btf(types.btf, exported));

	btf__free(exported);
	for (size_t i = 0; i < roots.count; i++)
		ids[i] += ids[i] ? first - 1 : 0;

	types.number = must(btf__add_int(types.btf, "int", 4, BTF_INT_SIGNED));
	struct map_definition *maps =
		arena_array(c->arena, struct map_definition, 2 * c->maps.count + 5);
	size_t count = define_maps(e, ids, maps);

	if (count)
		add_section(&types, object, ".maps", maps, count);
	add_state(&types, c);
	add_constants(&types, object);
	add_addresses(&types, object, c);
	add_options(&types, object, c);
	return types.btf;
}

/* --- manifest --- */

/* Whether offsets in the code come from the kernel: its types, or the formats of its events. */
static bool is_bound(const struct compilation *c)
{
	struct unit **unit;

	vec_for_each (&c->units, unit)
		if ((*unit)->context == CONTEXT_RECORD)
			return true;
	return kbtf_was_used(c->kbtf);
}

/* Nothing is stored for a kernel without an identity. */
static void note_kernel(struct compilation *c, struct manifest *manifest)
{
	_cleanup_str_ struct str release = STR_INIT;
	_cleanup_error_ struct error *error = procfs_release(c->host, &release);

	if (!error)
		error = kbtf_identity(c->kbtf, &manifest->kernel_identity);
	if (!error)
		manifest->kernel = arena_strdup(c->arena, str_text(&release));
}

static struct manifest_source describe_source(
	const struct compilation *c, const struct source *source)
{
	struct span call = source->parent;

	if (!source->is_expansion)
		return (struct manifest_source){
			.name = source->name,
			.text = arena_strndup(c->arena, source->text, source->length),
		};
	return (struct manifest_source){
		.name = source->name,
		.text = "",
		.expands = source->original + 1,
		.caller = call.source,
		.begin = call.begin,
		.end = call.end,
	};
}

static void fill_manifest(struct emitter *e)
{
	struct compilation *c = e->c;
	struct manifest *manifest = e->manifest;

	manifest->version = VERSION;
	manifest->arch = e->arch->name;
	const struct source *source;

	vec_for_each (&c->diags->sources, source)
		vec_push(&manifest->sources, describe_source(c, source));
	manifest->settings = c->settings;
	manifest->unsafe = c->request->unsafe;
	manifest->is_newer = c->newer;
	manifest->helper_errors = c->request->helper_errors;
	manifest->features = e->features;
	if (c->request->keep && is_bound(c))
		note_kernel(c, manifest);
	const struct kernel_address *address;

	vec_for_each (&c->addresses, address)
		vec_push(&manifest->addresses, ((struct manifest_address){
						       .name = address->name,
						       .span = address->span,
						       .per_cpu = address->per_cpu,
						       .is_optional = address->is_optional,
					       }));
	const struct script_option *option;

	vec_for_each (&c->options, option)
		vec_push(&manifest->options, *option);
	struct map **map;

	vec_for_each (&c->maps, map)
		vec_push(&manifest->maps, ((struct manifest_map){
						  .name = (*map)->name,
						  .symbol = (*map)->symbol,
						  .standby = (*map)->standby_symbol,
						  .keyed = (*map)->keyed,
						  .per_cpu = plan_per_cpu(c, *map),
					  }));
}

void emit_object(struct compilation *c)
{
	struct emitter *e = c->emitter;
	LLVMMemoryBufferRef buffer;
	char *message = NULL;

	if (LLVMTargetMachineEmitToMemoryBuffer(
		    e->machine, e->module, LLVMObjectFile, &message, &buffer))
		defect("LLVM cannot write the object: %s", message);
	if (c->diags->errors) {
		LLVMDisposeMemoryBuffer(buffer);
		return;
	}
	struct object_file object = object_file_open(buffer);

	GElf_Shdr header;
	Elf_Scn *section = object_file_section(&object, ".BTF", &header);
	struct btf *btf = complete_btf(e, &object, elf_getdata(section, NULL));
	Elf_Data *ext = elf_getdata(object_file_section(&object, ".BTF.ext", &header), NULL);

	lines_point(e, btf, ext->d_buf, ext->d_size);
	elf_flagdata(ext, ELF_C_SET, ELF_F_DIRTY);
	uint32_t size;
	const void *data = btf__raw_data(btf, &size);

	object_file_replace(section, data, size);

	fill_manifest(e);
	_cleanup_json_ json_t *json = manifest_to_json(e->manifest);
	_cleanup_str_ struct str text = STR_INIT;

	json_append(json, &text);
	object_file_replace(object_file_section(&object, SECTION_MANIFEST, &header),
		str_text(&text), text.length);

	c->bundle = object_file_finish(&object, c->arena, &c->bundle_size);
	btf__free(btf);
	LLVMDisposeMemoryBuffer(buffer);
}
