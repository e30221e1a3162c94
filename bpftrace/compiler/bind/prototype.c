/* SPDX-License-Identifier: Apache-2.0 */
#include "prototype.h"

#include "constant.h"
#include "infer.h"
#include "typename.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

static const struct {
	const char *word;
	enum parameter_kind kind;
} kinds[] = {
	{"int", PARAMETER_INT},
	{"number", PARAMETER_NUMBER},
	{"const int", PARAMETER_CONST_INT},
	{"string", PARAMETER_STRING},
	{"literal", PARAMETER_LITERAL},
	{"pointer", PARAMETER_POINTER},
	{"bytes", PARAMETER_BYTES},
	{"stack", PARAMETER_STACK},
	{"any", PARAMETER_ANY},
	{"map", PARAMETER_MAP},
	{"element", PARAMETER_ELEMENT},
	{"key", PARAMETER_KEY},
	{"variable", PARAMETER_VARIABLE},
};

static enum parameter_kind kind_of(struct slice type)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (slice_is(type, kinds[i].word))
			return kinds[i].kind;
	}
	return memchr(type.begin, '|', type.length) ? PARAMETER_MODE : PARAMETER_TYPE;
}

/* "type name", "[type name]" or "type..." */
static struct parameter parse_parameter(struct slice text)
{
	struct parameter parameter = {};
	size_t at;

	text = slice_trim(text);
	if (text.length && *text.begin == '[') {
		parameter.optional = true;
		text = slice_trim((struct slice){text.begin + 1, text.length - 2});
	}
	if (text.length > 3 && memcmp(text.begin + text.length - 3, "...", 3) == 0) {
		parameter.repeated = true;
		text = slice_trim((struct slice){text.begin, text.length - 3});
	}
	for (at = text.length;
		at && (isalnum((unsigned char)text.begin[at - 1]) || text.begin[at - 1] == '_');)
		at--;
	parameter.type = text;
	/* A single word is a type without a name; "const int" is always followed by one. */
	if (at) {
		parameter.name = (struct slice){text.begin + at, text.length - at};
		parameter.type = slice_trim((struct slice){text.begin, at});
		if (parameter.type.begin[parameter.type.length - 1] == '|') {
			parameter.type = text;
			parameter.name = (struct slice){};
		}
	}
	parameter.kind = kind_of(parameter.type);
	return parameter;
}

struct prototype prototype_parse(const char *text)
{
	struct prototype prototype = {};
	const char *at = text + strcspn(text, "( ");
	const char *end = *at == '(' ? strchr(at, ')') : at;

	assert(end);
	prototype.result =
		slice_trim((struct slice){end + (*end != '\0'), strlen(end + (*end != '\0'))});
	if (*at != '(')
		return prototype;
	for (at++; at < end;) {
		size_t length = strcspn(at, ",)");
		struct parameter parameter = parse_parameter((struct slice){at, length});

		assert(prototype.count < PROTOTYPE_MAX_PARAMETERS);
		prototype.parameters[prototype.count++] = parameter;
		prototype.required += !parameter.optional && !parameter.repeated;
		prototype.variadic |= parameter.repeated;
		at += length + 1;
	}
	return prototype;
}

static struct prototypes *parse_all(struct arena *arena, const struct builtin *builtin)
{
	struct prototypes *all = arena_new(arena, struct prototypes);
	struct prototype *items = arena_array(arena, struct prototype, BUILTIN_MAX_PROTOTYPES);

	while (all->count < BUILTIN_MAX_PROTOTYPES && builtin->prototypes[all->count]) {
		items[all->count] = prototype_parse(builtin->prototypes[all->count]);
		all->count++;
	}
	all->items = items;
	return all;
}

const struct prototypes *prototypes_of(struct compilation *c, const struct builtin *builtin)
{
	void **slot = hashmap_text_slot(&c->prototypes, builtin->name);

	if (!*slot)
		*slot = parse_all(c->arena, builtin);
	return *slot;
}

const struct parameter *prototype_parameter(const struct prototype *prototype, size_t index)
{
	if (index < prototype->count)
		return &prototype->parameters[index];
	return prototype->variadic ? &prototype->parameters[prototype->count - 1] : NULL;
}

bool prototype_takes(const struct prototype *prototype, size_t arguments)
{
	return arguments >= prototype->required &&
	       (arguments <= prototype->count || prototype->variadic);
}

bool parameter_has_mode(const struct parameter *parameter, const char *word)
{
	const char *at = parameter->type.begin, *end = at + parameter->type.length;

	if (parameter->kind != PARAMETER_MODE)
		return false;
	while (at < end) {
		const char *bar = memchr(at, '|', (size_t)(end - at));
		size_t length = (size_t)((bar ? bar : end) - at);

		if (slice_is((struct slice){at, length}, word))
			return true;
		at += length + 1;
	}
	return false;
}

bool prototypes_have(const struct prototypes *prototypes, size_t index, enum parameter_kind kind)
{
	const struct prototype *prototype;

	vec_for_each (prototypes, prototype) {
		const struct parameter *parameter = prototype_parameter(prototype, index);

		if (parameter && parameter->kind == kind)
			return true;
	}
	return false;
}

static bool is_class(struct compilation *c, uint32_t type, enum type_class class)
{
	return !type || types_class(c->types, type) == class;
}

static bool is_integer(struct compilation *c, uint32_t type)
{
	return !type || types_is_integer(c->types, type);
}

static bool is_bytes(struct compilation *c, uint32_t type)
{
	if (!type || types_class(c->types, type) != TYPE_ARRAY)
		return !type;

	uint32_t count = 0, element = types_element(c->types, type, &count);

	return count > 0 && types_is_integer(c->types, element) &&
	       types_size(c->types, element) == 1;
}

static bool is_stack(struct compilation *c, uint32_t type)
{
	return !type || types_has_meaning(c->types, type, MEANING_KSTACK) ||
	       types_has_meaning(c->types, type, MEANING_USTACK);
}

/* A type by its spelling: the same type, or for integers any that widens to it. */
static bool accepts_type(struct compilation *c, struct slice name, uint32_t type)
{
	_cleanup_str_ struct str spelled = STR_INIT;
	uint32_t basic = typename_basic(c, name);

	if (!type)
		return true;
	if (basic)
		return types_join(c->types, basic, type) == basic;
	types_spell(c->types, type, &spelled);
	return slice_is(name, str_text(&spelled));
}

bool prototype_accepts(
	struct compilation *c, const struct parameter *parameter, struct node *argument)
{
	bool is_map = argument->kind == NODE_MAP;
	bool is_word = argument->kind == NODE_IDENTIFIER && !node_identifier(argument)->builtin;
	uint32_t type = infer_scalar(c, argument->type);
	int64_t value;

	/* An aggregation without a number fits only where any value or a map is taken. */
	bool is_number = type || !argument->type;

	if (is_word)
		return parameter_has_mode(parameter, node_identifier(argument)->name);
	switch (parameter->kind) {
	case PARAMETER_INT: return is_number && is_integer(c, type);
	case PARAMETER_CONST_INT: return constant_integer(argument, &value);
	case PARAMETER_STRING: return is_number && is_class(c, infer_text(c, type), TYPE_STRING);
	case PARAMETER_LITERAL: return argument->kind == NODE_STRING;
	case PARAMETER_NUMBER:
	case PARAMETER_POINTER:
		return is_number && (is_integer(c, type) || is_class(c, type, TYPE_POINTER));
	case PARAMETER_BYTES: return is_number && is_bytes(c, type);
	case PARAMETER_STACK: return is_number && is_stack(c, type);
	case PARAMETER_ANY:
	case PARAMETER_KEY: return is_number || !parameter->repeated;
	case PARAMETER_MAP: return is_map && !node_map_access(argument)->key;
	case PARAMETER_ELEMENT:
		return is_map && (node_map_access(argument)->key != NULL) ==
					 node_map_access(argument)->map->keyed;
	case PARAMETER_VARIABLE: return argument->kind == NODE_VARIABLE;
	case PARAMETER_MODE: return false;
	case PARAMETER_TYPE: return is_number && accepts_type(c, parameter->type, type);
	}
	return false;
}

static bool accepts_all(struct compilation *c, const struct prototype *prototype, struct call *call)
{
	struct node *node;
	size_t index = 0;

	if (!prototype_takes(prototype, node_count(call->arguments)))
		return false;
	node_for_each (call->arguments, node) {
		if (!prototype_accepts(c, prototype_parameter(prototype, index++), node))
			return false;
	}
	return true;
}

const struct prototype *prototype_match(struct compilation *c, struct call *call)
{
	const struct prototypes *prototypes = prototypes_of(c, call->builtin);
	const struct prototype *prototype;

	vec_for_each (prototypes, prototype) {
		if (accepts_all(c, prototype, call))
			return prototype;
	}
	return NULL;
}

void prototype_hint(struct compilation *c, const char *text)
{
	const char *end = strrchr(text, ')');

	if (end)
		diag_hint(c->diags, "its form: %.*s", (int)(end + 1 - text), text);
}
