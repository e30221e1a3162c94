/* SPDX-License-Identifier: Apache-2.0 */
#include "typename.h"
#include "infer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "libcommon/types/from_dwarf.h"
#include "program.h"

/* The integers of the language and of C by one word; those of several are taken apart. */
static const struct {
	const char *name;
	uint32_t bytes;
	bool is_signed;
} integers[] = {
	{"int8", 1, true},
	{"int16", 2, true},
	{"int32", 4, true},
	{"int64", 8, true},
	{"uint8", 1, false},
	{"uint16", 2, false},
	{"uint32", 4, false},
	{"uint64", 8, false},
	{"int8_t", 1, true},
	{"int16_t", 2, true},
	{"int32_t", 4, true},
	{"int64_t", 8, true},
	{"uint8_t", 1, false},
	{"uint16_t", 2, false},
	{"uint32_t", 4, false},
	{"uint64_t", 8, false},
	{"s8", 1, true},
	{"s16", 2, true},
	{"s32", 4, true},
	{"s64", 8, true},
	{"u8", 1, false},
	{"u16", 2, false},
	{"u32", 4, false},
	{"u64", 8, false},
	{"size_t", 8, false},
	{"ssize_t", 8, true},
	{"uintptr_t", 8, false},
};

static size_t count_word(struct slice text, const char *word)
{
	size_t count = 0, length = strlen(word);

	for (size_t at = 0; at < text.length;) {
		const char *begin = text.begin + at;
		const char *blank = memchr(begin, ' ', text.length - at);
		size_t size = blank ? (size_t)(blank - begin) : text.length - at;

		count += size == length && memcmp(begin, word, length) == 0;
		at += size + 1;
	}
	return count;
}

/* "unsigned long long": words of C in any order. */
static uint32_t c_integer(struct compilation *c, struct slice name)
{
	bool is_signed = count_word(name, "unsigned") == 0;
	uint32_t bytes = 4;
	size_t known = count_word(name, "unsigned") + count_word(name, "signed") +
		       count_word(name, "int") + count_word(name, "char") +
		       count_word(name, "short") + count_word(name, "long");

	if (!known)
		return 0;
	if (count_word(name, "char"))
		bytes = 1;
	else if (count_word(name, "short"))
		bytes = 2;
	else if (count_word(name, "long"))
		bytes = 8;
	return types_integer(c->types, bytes, is_signed);
}

uint32_t typename_basic(struct compilation *c, struct slice name)
{
	static const char string[] = "string";
	size_t length = strlen(string);

	for (size_t i = 0; i < ARRAY_SIZE(integers); i++) {
		if (slice_is(name, integers[i].name))
			return types_integer(c->types, integers[i].bytes, integers[i].is_signed);
	}
	if (slice_is(name, "bool"))
		return type_bool(c);
	if (slice_is(name, string))
		return types_string(c->types, (uint32_t)c->settings.max_strlen);
	if (name.length > length && memcmp(name.begin, string, length) == 0 &&
		name.begin[length] == '[')
		return types_string(c->types, (uint32_t)strtoul(name.begin + length + 1, NULL, 10));
	return c_integer(c, name);
}

const char *typename_spell(struct compilation *c, uint32_t type)
{
	_cleanup_str_ struct str out = STR_INIT;

	types_spell(c->types, type, &out);
	if (types_class(c->types, type) == TYPE_MEANING && *types_parameters(c->types, type))
		str_printf(&out, "(%s)", types_parameters(c->types, type));
	return arena_strdup(c->arena, str_text(&out));
}

static bool are_alike(struct compilation *c, uint32_t type, uint32_t other)
{
	return strcmp(typename_spell(c, type), typename_spell(c, other)) == 0;
}

const char *typename_spell_apart(struct compilation *c, uint32_t type, uint32_t other)
{
	const char *spelled = typename_spell(c, type), *program = types_program(c->types, type);

	if (!program || !are_alike(c, type, other))
		return spelled;
	return arena_printf(c->arena, "%s of %s", spelled, program);
}

void typename_hint_apart(struct compilation *c, uint32_t type, uint32_t other)
{
	if (!are_alike(c, type, other))
		return;
	diag_hint(c->diags,
		"these are different types of one name: use a block and a map for each, or keep "
		"the number: (uint64)…");
}

bool typename_hint_missing(struct compilation *c)
{
	const struct btf *btf;
	_cleanup_error_ struct error *error = kbtf_btf(c->kbtf, &btf);

	if (error)
		diag_hint(c->diags, "%s", error->message);
	return error != NULL;
}

/* True where the program that the type is expected in explains that it is not known. */
static bool hint_at_program(struct compilation *c, const struct unit *unit, const struct type *type)
{
	const char *path = program_path(unit), *other;

	if (path && !program_has_debuginfo(c, unit)) {
		diag_hint(c->diags,
			"%s has no debug information, so its types are not known: build it with "
			"-g, or install its debug symbols",
			path);
		return true;
	}
	other = program_elsewhere(c, type->keyword, type->name);
	if (other)
		diag_hint(c->diags,
			"%s has it: its types are known in blocks of its own probes only", other);
	return other != NULL;
}

/* In a probe of a module its types are expected, in one of a program those of that. */
static void report_unknown(struct compilation *c, const struct unit *unit, const struct type *type)
{
	const char *module = unit ? unit_module(unit) : NULL;
	struct suggestion suggestion = suggest_start(type->name);
	const char *keyword = type->keyword ? type->keyword : "";
	const char *blank = type->keyword ? " " : "";

	types_suggest(c->types, type->keyword, &suggestion);
	program_suggest_type(c, unit, type->keyword, &suggestion);
	diag_error(c->diags, type->node.span, "Unknown type: %s%s%s", keyword, blank, type->name);
	diag_one_cause(c->diags);
	if (hint_at_program(c, unit, type) || typename_hint_missing(c))
		return;
	if (module && !types_knows_module(c->types, module))
		diag_hint(c->diags,
			"the kernel has no type information for the module %s; define the type in "
			"the "
			"script",
			module);
	else if (suggestion.best)
		diag_hint(c->diags, "did you mean '%s%s%s'?", keyword, blank, suggestion.best);
	else if (module)
		diag_hint(c->diags, "types of the kernel and of loaded modules are known");
}

static uint32_t resolve_tuple(
	struct compilation *c, const struct unit *unit, const struct type *type, bool report)
{
	size_t count = node_count(type->elements), at = 0;
	uint32_t *elements = arena_array(c->arena, uint32_t, count);
	struct node *element;

	node_for_each (type->elements, element) {
		elements[at] = typename_resolve(c, unit, node_type(element), report);
		if (!elements[at++])
			return 0;
	}
	return types_tuple(c->types, elements, count);
}

/* A definition of the script comes first, then what the traced program has. */
static uint32_t find_name(struct compilation *c, const struct unit *unit, const struct type *type,
	enum address_space *ret_space)
{
	uint32_t id = types_find_defined(c->types, type->keyword, type->name);

	if (id)
		return id;
	id = program_type(c, unit, type->keyword, type->name);
	if (id) {
		*ret_space = ADDRESS_USER;
		return id;
	}
	return types_find_for(c->types, unit ? unit_module(unit) : NULL, type->keyword, type->name);
}

/* typeof(of) */
static uint32_t resolve_of(struct compilation *c, const struct unit *unit, struct node *of)
{
	if (of->kind == NODE_TYPE)
		return typename_resolve(c, unit, node_type(of), c->infer_last);
	return infer_value(c, (struct unit *)(uintptr_t)unit, of);
}

/* The name alone, without pointers and dimensions; *ret_void for void, which is type 0 too. */
static uint32_t resolve_name(struct compilation *c, const struct unit *unit,
	const struct type *type, bool *ret_void, enum address_space *ret_space)
{
	struct slice name = {type->name, type->name ? strlen(type->name) : 0};
	uint32_t id = 0;

	if (type->of)
		return resolve_of(c, unit, type->of);
	if (!type->keyword) {
		*ret_void = slice_is(name, "void");
		id = typename_basic(c, name);
	}
	return id || *ret_void ? id : find_name(c, unit, type, ret_space);
}

static bool is_string_name(const struct type *type)
{
	return !type->keyword && type->name && strcmp(type->name, "string") == 0;
}

uint32_t typename_resolve(
	struct compilation *c, const struct unit *unit, struct type *type, bool report)
{
	enum address_space space = ADDRESS_KERNEL;
	uint32_t dimensions = type->dimensions, first = 0, id;
	bool is_void = false;

	if (type->node.type && !type->of)
		return type->node.type;
	if (type->elements)
		return type->node.type = resolve_tuple(c, unit, type, report);
	id = type->base ? typename_resolve(c, unit, node_type(type->base), report)
			: resolve_name(c, unit, type, &is_void, &space);
	if (!id && !(is_void && type->pointers)) {
		if (report && !type->base && !type->of)
			report_unknown(c, unit, type);
		return 0;
	}
	if (is_string_name(type) && dimensions) {
		id = types_string(c->types, type->sizes[0]);
		first = 1;
	}
	for (uint32_t i = 0; i < type->pointers; i++)
		id = types_pointer(c->types, id, space);
	for (uint32_t i = dimensions; i-- > first;)
		id = types_array(c->types, id, type->sizes[i]);
	return type->node.type = id;
}
