/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compiler as a list: each pass takes the compilation and adds its part; the next one runs
 * unless an error was reported. What a pass made can be shown after it (-d).
 */
#include "pipeline.h"

#include <errno.h>
#include <string.h>

#include "bind/context.h"
#include "ast/format.h"
#include "ast/parse.h"
#include "bind/bind.h"
#include "builtin/builtin_table.h"
#include "check/check.h"
#include "emit/emit.h"
#include "cfront/cfront.h"
#include "libcommon/base/alloc.h"

static void dump_tree(struct compilation *c, struct str *out)
{
	node_dump(&c->program->node, NULL, out);
}

static const char *const context_names[] = {
#define CONTEXT(NAME, name) [CONTEXT_##NAME] = #name,
#include "libcommon/probes/context.def"
#undef CONTEXT
};
TABLE_COMPLETE(context_names, NR_CONTEXTS);

static void dump_units(struct compilation *c, struct str *out)
{
	struct unit **unit;
	struct probe_match *match;

	vec_for_each (&c->units, unit) {
		str_printf(out, "unit %u: %s\n", (*unit)->index, context_names[(*unit)->context]);
		vec_for_each (&(*unit)->matches, match)
			str_printf(
				out, "  %s (%s)\n", match->name, attach_descs[match->attach].name);
	}
}

static void dump_map(struct compilation *c, const struct map *map, struct str *out)
{
	str_append(out, map->name);
	if (map->keyed) {
		str_append_char(out, '[');
		types_spell(c->types, map->key, out);
		str_append_char(out, ']');
	}
	str_append(out, ": ");
	types_spell(c->types, map->value, out);
	str_append_char(out, '\n');
}

static void dump_typed(struct compilation *c, struct str *out)
{
	struct map **map;

	node_dump(&c->program->node, c->types, out);
	vec_for_each (&c->maps, map)
		dump_map(c, *map, out);
}

static void dump_generation(struct compilation *c, struct str *out)
{
	if (!c->newer)
		str_append(out, "generation: old\n");
	else
		str_printf(out, "generation: newer, by %s\n", node_kind_name(c->newer->kind));
}

static void dump_ir_before(struct compilation *c, struct str *out)
{
	str_append_bytes(out, str_text(&c->ir_before), c->ir_before.length);
}

static void dump_ir_after(struct compilation *c, struct str *out)
{
	str_append_bytes(out, str_text(&c->ir_after), c->ir_after.length);
}

static const struct pass passes[] = {
	{"parse", cfront_parse, dump_tree, 1},
	{"imports", import_files, NULL, 0},
	{"config", config_apply, NULL, 0},
	{"options", options_collect, NULL, 0},
	{"params", params_substitute, dump_tree, 3},
	{"macros", expand_macros, NULL, 0},
	{"expand", expand_probes, dump_units, 3},
	{"cdef", cdef_parse, NULL, 0},
	{"scope", scope_resolve, dump_tree, 3},
	{"generation", generation_decide, dump_generation, 3},
	{"infer", infer_types, dump_typed, 2},
	{"check", check_script, NULL, 0},
	{"plan", emit_plan, NULL, 0},
	{"module", emit_module, dump_ir_before, 2},
	{"object", emit_object, dump_ir_after, 1},
};

/* Other names of passes, as users of bpftrace know them. */
static const struct {
	const char *name;
	const char *pass;
} aliases[] = {
	{"ast", "parse"},
	{"types", "infer"},
	{"codegen", "module"},
	{"codegen-opt", "object"},
};

/* The pass of this name or alias. */
static const struct pass *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++) {
		if (strcmp(aliases[i].name, name) == 0)
			name = aliases[i].pass;
	}
	for (size_t i = 0; i < ARRAY_SIZE(passes); i++) {
		if (strcmp(passes[i].name, name) == 0)
			return &passes[i];
	}
	return NULL;
}

/* Whether the list, names with commas, has the pass under one of its names. */
static bool lists(const char *names, const struct pass *pass)
{
	for (const char *at = names; *at; at += *at == ',') {
		size_t length = strcspn(at, ",");
		_cleanup_free_ char *name = xstrndup(at, length);

		if (strcmp(name, "all") == 0 || find(name) == pass)
			return true;
		at += length;
	}
	return false;
}

/* Stages of the runner: what they show are its messages. */
static const char *const later_stages[] = {"libbpf", "verifier"};

bool pipeline_has_pass(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(later_stages); i++) {
		if (strcmp(later_stages[i], name) == 0)
			return true;
	}
	return strcmp(name, "all") == 0 || find(name);
}

void pipeline_passes(struct str *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		str_printf(out, "%s, ", aliases[i].name);
	for (size_t i = 0; i < ARRAY_SIZE(passes); i++)
		str_printf(out, "%s, ", passes[i].name);
	for (size_t i = 0; i < ARRAY_SIZE(later_stages); i++)
		str_printf(out, "%s, ", later_stages[i]);
	str_append(out, "all");
}

struct error *pipeline_check_stages(const char *names)
{
	for (const char *at = names; at && *at; at += *at == ',') {
		size_t length = strcspn(at, ",");
		_cleanup_free_ char *name = xstrndup(at, length);
		_cleanup_str_ struct str stages = STR_INIT;

		at += length;
		if (pipeline_has_pass(name))
			continue;
		pipeline_passes(&stages);
		return error_new(
			EINVAL, "unknown stage '%s', stages are: %s", name, str_text(&stages));
	}
	return NULL;
}

static void describe(const struct builtin *row, struct str *out)
{
	str_printf(out, "%s: %s\n", row->name, row->doc);
	for (size_t i = 0; i < BUILTIN_MAX_PROTOTYPES && row->prototypes[i]; i++)
		str_printf(out, "    %s\n", row->prototypes[i]);
	if (row->where)
		str_printf(out, "    only with %s\n", row->where);
	if (row->flags & BUILTIN_UNSAFE || row->needs)
		str_printf(out, "    needs %s%s%s\n", row->flags & BUILTIN_UNSAFE ? "--unsafe" : "",
			row->flags & BUILTIN_UNSAFE && row->needs ? ", " : "",
			row->needs ? row->needs : "");
}

void pipeline_builtins(struct str *out)
{
	for (size_t i = 0; i < builtin_table_count; i++) {
		for (const struct builtin *row = builtin_table[i]; row->name; row++)
			describe(row, out);
	}
}

static bool is_shown(const struct request *request, const struct pass *pass)
{
	if (!pass->dump)
		return false;
	if (request->dump_pass)
		return lists(request->dump_pass, pass);
	return request->answer == ANSWER_DUMP && pass->dump_level <= request->dump_level;
}

/* The pass after which the request's answer is complete. */
static bool is_last(const struct request *request, const struct pass *pass)
{
	if (request->answer == ANSWER_LIST)
		return pass->run == expand_probes;
	return request->answer == ANSWER_DUMP && request->dump_pass &&
	       find(request->dump_pass) == pass;
}

/* Mistakes are reported when the script is run: it still has its --help. */
static void find_options(struct compilation *c)
{
	struct diags_mark before = diags_mark(c->diags);

	c->program = parse(c->arena, c->diags, c->source);
	import_files(c);
	options_collect(c);
	diags_back(c->diags, before);
}

/* A file that is imported has no probe. */
static struct program *parse_part(struct arena *arena, struct diags *diags, uint32_t source)
{
	bool has_parent = diags->sources.items[source].has_parent;
	struct program *program;

	diags->sources.items[source].has_parent = true;
	program = parse(arena, diags, source);
	diags->sources.items[source].has_parent = has_parent;
	return program;
}

/* Text in C is not preprocessed. What would change the script's meaning is a defect, and refused.
 */
static void format(struct compilation *c, struct str *out)
{
	struct diags diags = DIAGS_INIT;
	_cleanup_str_ struct str text = STR_INIT;
	struct program *after;

	c->program = parse_part(c->arena, c->diags, c->source);
	if (c->diags->errors)
		return;
	format_script(c->program, c->diags, c->source, &text);
	diags_add_source(&diags, "formatted", str_text(&text), text.length);
	after = parse_part(c->arena, &diags, 0);
	if (diags.errors || !format_keeps(c->program, after))
		diag_error(c->diags, c->program->node.span,
			"this script cannot be formatted without a change of what it means; this "
			"is a defect, not a mistake in the script");
	else
		str_append_bytes(out, str_text(&text), text.length);
	diags_deinit(&diags);
}

void pipeline_run(struct compilation *c, struct str *out)
{
	if (c->request->answer == ANSWER_OPTIONS) {
		find_options(c);
		return;
	}
	if (c->request->answer == ANSWER_FORMAT) {
		format(c, out);
		return;
	}
	c->builtins = builtin_table;
	c->builtin_count = builtin_table_count;
	for (size_t i = 0; i < ARRAY_SIZE(passes); i++) {
		const struct pass *pass = &passes[i];

		pass->run(c);
#ifndef NDEBUG
		node_verify(&c->program->node, c->diags);
#endif
		if (is_shown(c->request, pass))
			pass->dump(c, out);
		if (c->diags->errors || c->error || is_last(c->request, pass))
			break;
	}
}

/* One with several places is one probe. */
static void list_unit(struct compilation *c, const struct unit *unit, struct str *out)
{
	for (size_t i = 0; i < unit->matches.count; i++) {
		const struct probe_match *match = &unit->matches.items[i];

		if (match->location != 0)
			continue;
		str_printf(out, "%s\n", match->name);
		if (c->request->verbose)
			context_declare(c, match, unit->spans.items[i], out);
	}
}

void pipeline_list(struct compilation *c, struct str *out)
{
	struct unit **unit;

	vec_for_each (&c->units, unit)
		list_unit(c, *unit, out);
}
