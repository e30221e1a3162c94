/* SPDX-License-Identifier: Apache-2.0 */
/* Getting at memory: through pointers, into structs, arrays and tuples. */
#include "infer.h"

#include <string.h>

#include "libcommon/probes/renamed.h"
#include "constant.h"
#include "typename.h"

enum {
	FIELDS_SHOWN = 8, /* of a struct in a hint */
};

/* The complete type that a pointer points to. */
static uint32_t pointee_of(struct compilation *c, uint32_t pointer)
{
	return types_complete(c->types, types_pointee(c->types, pointer));
}

/* A string of max_strlen bytes that fills its place was cut, so an array of that size gets a byte
 * more. One without a length is read as far as any string. */
static uint32_t found_string(struct compilation *c, uint32_t type)
{
	uint32_t size = types_size(c->types, type), most = (uint32_t)c->settings.max_strlen;

	if (size == 0)
		return types_string(c->types, most);
	return types_string(c->types, size == most ? size + 1 : size);
}

uint32_t infer_loaded(struct compilation *c, uint32_t type)
{
	enum type_class class = types_class(c->types, type);

	if (types_is_located(c->types, type)) {
		uint32_t pointer = types_located(c->types, type);

		return pointer ? pointer : types_string(c->types, (uint32_t)c->settings.max_strlen);
	}
	if (class == TYPE_STRING)
		return found_string(c, type);
	if (class == TYPE_INTEGER || class == TYPE_ENUM)
		return infer_stored(c, type);
	return types_strip(c->types, type);
}

uint32_t infer_dereference(struct compilation *c, const struct unary *unary, uint32_t type)
{
	if (infer_is_integer(c, type))
		return type_uint64(c);
	if (!infer_is_pointer(c, type)) {
		if (type)
			infer_refuse(c, unary, type);
		return 0;
	}

	uint32_t pointee = pointee_of(c, type);

	if (!types_size(c->types, pointee)) {
		infer_error(c, unary->node.span,
			"Can not dereference a pointer of type '%s': "
			"the size of what it points to is not known",
			typename_spell(c, type));
		return 0;
	}
	return infer_loaded(c, pointee);
}

/* Only what is in memory behind a pointer has an address: returns the pointer, or NULL. */
static struct node *root_pointer(struct compilation *c, struct node *node)
{
	struct node *object;

	if (node->kind == NODE_UNARY)
		return node_unary(node)->op == OPERATOR_DEREFERENCE ? node_unary(node)->operand
								    : NULL;
	if (node->kind == NODE_MEMBER)
		object = node_member(node)->object;
	else if (node->kind == NODE_INDEX)
		object = node_index(node)->object;
	else
		return NULL;
	return infer_is_pointer(c, object->type) ? object : root_pointer(c, object);
}

/* The complete type that a member is looked up in: what pointers of any depth lead to, or the type
 * itself. */
static uint32_t holder_of(struct compilation *c, uint32_t type)
{
	type = types_complete(c->types, type);
	while (infer_is_pointer(c, type))
		type = pointee_of(c, type);
	return type;
}

/* The member that a node reads; of the args of the unit, as it is in the record. */
static bool find_member(
	struct compilation *c, const struct unit *unit, struct node *node, struct types_member *ret)
{
	struct node *object = node_member(node)->object;
	uint32_t holder = builtin_is_args(object) ? unit->args : object->type;

	return types_member(c->types, holder_of(c, holder), node_member(node)->name, ret);
}

static bool is_bit_field(struct compilation *c, const struct unit *unit, struct node *node)
{
	struct types_member found;

	return node->kind == NODE_MEMBER && find_member(c, unit, node, &found) && found.bit_size;
}

/* The type of an expression as it is in memory; 0 when the expression reads no memory. */
static uint32_t type_in_memory(struct compilation *c, const struct unit *unit, struct node *node)
{
	struct types_member found;
	struct node *object;

	if (node->kind == NODE_MEMBER)
		return find_member(c, unit, node, &found) ? found.type : 0;
	if (node->kind == NODE_INDEX)
		object = node_index(node)->object;
	else if (node->kind == NODE_UNARY && node_unary(node)->op == OPERATOR_DEREFERENCE)
		object = node_unary(node)->operand;
	else
		return 0;
	return infer_is_pointer(c, object->type) ? pointee_of(c, object->type)
						 : types_element(c->types, object->type, NULL);
}

uint32_t infer_char_array(struct compilation *c, const struct unit *unit, struct node *node)
{
	uint32_t type;

	if (!node->type || !infer_is(c, node->type, TYPE_STRING))
		return 0;
	type = type_in_memory(c, unit, node);
	return type && infer_is(c, type, TYPE_STRING) ? type : 0;
}

uint32_t infer_address(
	struct compilation *c, const struct unit *unit, const struct unary *unary, uint32_t type)
{
	struct node *pointer;

	if (!type)
		return 0;
	pointer = root_pointer(c, unary->operand);
	if (!pointer || is_bit_field(c, unit, unary->operand)) {
		infer_error(c, unary->node.span, "Can not take the address of this expression");
		return 0;
	}
	return types_pointer(c->types, type,
		infer_is_pointer(c, pointer->type) ? types_space(c->types, pointer->type)
						   : ADDRESS_KERNEL);
}

static uint32_t refuse_member(struct compilation *c, const struct member *member, uint32_t type)
{
	infer_error(c, member->node.span, "Can not access field '%s' on expression of type '%s'",
		member->name, typename_spell(c, type));
	return 0;
}

/* The first members that have names. */
static void hint_at_members(struct compilation *c, uint32_t type, const char *what)
{
	uint32_t count = types_member_count(c->types, type), shown = 0;
	_cleanup_str_ struct str names = STR_INIT;

	for (uint32_t i = 0; i < count; i++) {
		const char *member = types_member_at(c->types, type, i).name;

		if (!member || !*member)
			continue;
		if (shown == FIELDS_SHOWN) {
			str_append(&names, ", …");
			break;
		}
		str_printf(&names, "%s%s", shown++ ? ", " : "", member);
	}
	if (shown)
		diag_hint(c->diags, "its %s: %s", what, str_text(&names));
}

/* What the kernel calls the member today. */
static bool hint_at_renamed(struct compilation *c, uint32_t type, const char *name)
{
	struct types_member member;
	struct renamed renamed;

	if (!renamed_member(typename_spell(c, type), name, c->arena, &renamed) ||
		!types_member(c->types, type, renamed.first, &member))
		return false;
	diag_hint(c->diags, "since %s there is %s instead", renamed.since, renamed.now);
	return true;
}

static void suggest_member(struct compilation *c, uint32_t type, const char *name, const char *what)
{
	struct suggestion suggestion = suggest_start(name);

	if (hint_at_renamed(c, type, name))
		return;
	for (uint32_t i = 0; i < types_member_count(c->types, type); i++) {
		const char *member = types_member_at(c->types, type, i).name;

		if (member && *member)
			suggest_offer(&suggestion, member);
	}
	if (suggestion.best)
		diag_hint(c->diags, "did you mean '%s'?", suggestion.best);
	else
		hint_at_members(c, type, what);
}

void infer_suggest_member(struct compilation *c, uint32_t type, const char *name)
{
	suggest_member(c, type, name, "fields");
}

/* Not of a tracepoint or an iterator: there args is a struct to its readers, too. */
static bool is_argument(const struct unit *unit, const struct member *member)
{
	if (!builtin_is_args(member->object) || !unit->matches.items[0].function)
		return false;
	switch (unit->context) {
	case CONTEXT_REGS:
	case CONTEXT_REGS_RETURN:
	case CONTEXT_RAW:
	case CONTEXT_FENTRY:
	case CONTEXT_FEXIT: return true;
	default: return false;
	}
}

static uint32_t unknown_member(
	struct compilation *c, const struct unit *unit, const struct member *member, uint32_t type)
{
	if (types_is_record(c->types, type)) {
		if (infer_error(c, member->node.span, "Record does not contain a field named '%s'",
			    member->name))
			infer_suggest_member(c, type, member->name);
	} else if (is_argument(unit, member)) {
		if (infer_error(c, member->node.span, "%s has no argument '%s'",
			    unit->matches.items[0].function, member->name))
			suggest_member(c, type, member->name, "arguments");
	} else if (infer_error(c, member->node.span,
			   "Struct/union of type '%s' does not contain a field named '%s'",
			   typename_spell(c, type), member->name)) {
		infer_suggest_member(c, type, member->name);
	}
	return 0;
}

/* Both operators lead to members of structs and through pointers. 0.20 takes the arrow for one
 * pointer, and the dot for structs; args it takes for a struct, whose members scripts have always
 * written args->x too. */
static bool is_newer_access(struct compilation *c, const struct member *member, uint32_t type)
{
	if (!infer_is_pointer(c, type))
		return member->arrow && !builtin_is_args(member->object);
	return !member->arrow || infer_is_pointer(c, pointee_of(c, type));
}

/* How many members are between one and args; 0 for a member of args itself, or of anything else.
 */
static uint64_t levels_below_args(const struct member *member)
{
	uint64_t levels = 0;
	struct node *object = member->object;

	for (; object->kind == NODE_MEMBER || object->kind == NODE_INDEX; levels++)
		object = object->kind == NODE_MEMBER ? node_member(object)->object
						     : node_index(object)->object;
	return builtin_is_args(object) ? levels : 0;
}

static bool is_too_deep(struct compilation *c, const struct member *member)
{
	uint64_t most = c->settings.max_type_res_iterations;

	if (!most || levels_below_args(member) <= most)
		return false;
	if (infer_error(c, member->node.span,
		    "The type of '%s' is not looked up: it is nested more than %llu levels deep",
		    member->name, (unsigned long long)most))
		diag_hint(c->diags, "the environment variable "
				    "BPFTRACE_MAX_TYPE_RES_ITERATIONS sets the limit; 0: none");
	return true;
}

/* Whether programs can read the argument. */
static bool check_readable(
	struct compilation *c, const struct unit *unit, const struct member *member, uint32_t index)
{
	const struct probe_match *match = &unit->matches.items[0];
	const struct operand *operand = match->operands ? &match->operands->items[index] : NULL;

	if (!operand || operand->kind != OPERAND_OTHER)
		return true;
	infer_error(c, member->node.span, "args.%s of %s cannot be read: it is %s", member->name,
		match->name, operand->why);
	return false;
}

/* Compilers leave definitions to other files, which may have no debug information. */
static bool check_defined(struct compilation *c, const struct member *member, uint32_t type)
{
	if (!infer_is(c, type, TYPE_FORWARD))
		return true;
	if (infer_error(c, member->node.span,
		    "the debug information has no definition of '%s', the type of '%s'",
		    typename_spell(c, type), member->name))
		diag_hint(c->diags, "clang writes it with -fstandalone-debug");
	return false;
}

uint32_t infer_member(struct compilation *c, struct unit *unit, struct member *member)
{
	uint32_t type = infer_expression(c, unit, member->object), holder;
	struct types_member found;

	if (!type || is_too_deep(c, member))
		return 0;
	holder = holder_of(c, type);
	if (infer_is(c, holder, TYPE_FORWARD)) {
		if (infer_error(c, member->node.span, "The fields of '%s' are not known",
			    typename_spell(c, holder)))
			typename_hint_missing(c);
		return 0;
	}
	if (!infer_is(c, holder, TYPE_STRUCT) && !infer_is(c, holder, TYPE_UNION))
		return refuse_member(c, member, type);
	if (!find_member(c, unit, &member->node, &found))
		return unknown_member(c, unit, member, holder);
	if (is_newer_access(c, member, type))
		generation_note(c, &member->node);
	if (builtin_is_args(member->object) && !check_readable(c, unit, member, found.index))
		return 0;
	if (types_is_record(c->types, holder))
		return found.type;
	return check_defined(c, member, found.type) ? infer_loaded(c, found.type) : 0;
}

static uint32_t element_of_tuple(
	struct compilation *c, struct span span, uint32_t tuple, int64_t number)
{
	uint32_t count = types_member_count(c->types, tuple);

	if (number >= 0 && number < count)
		return types_member_at(c->types, tuple, (uint32_t)number).type;
	infer_error(c, span, "Invalid tuple index: %lld. Found %u elements in tuple.",
		(long long)number, count);
	return 0;
}

uint32_t infer_element(struct compilation *c, struct unit *unit, struct element *element)
{
	uint32_t type = infer_expression(c, unit, element->object);

	if (!type)
		return 0;
	if (infer_is(c, type, TYPE_TUPLE))
		return element_of_tuple(c, element->node.span, type, element->number);
	infer_error(c, element->node.span, "Can not access index %u on expression of type '%s'",
		element->number, typename_spell(c, type));
	return 0;
}

/* $t[1] is $t.1: elements have types of their own. */
static uint32_t index_tuple(struct compilation *c, struct index *node, uint32_t type)
{
	int64_t number;

	generation_note(c, &node->node);
	if (constant_integer(node->index, &number))
		return element_of_tuple(c, node->node.span, type, number);
	infer_error(c, node->index->span, "A tuple is indexed by a constant");
	return 0;
}

uint32_t infer_index(struct compilation *c, struct unit *unit, struct index *node)
{
	uint32_t type = infer_text(c, infer_expression(c, unit, node->object));
	uint32_t number = infer_operand(c, unit, node->index);
	uint32_t element = 0;

	if (number && !infer_is_integer(c, number))
		infer_error(c, node->index->span, "An index must be an integer, not '%s'",
			typename_spell(c, number));
	if (!type)
		return 0;
	if (infer_is(c, type, TYPE_TUPLE))
		return index_tuple(c, node, type);
	if (infer_is_pointer(c, type))
		element = pointee_of(c, type);
	else if (infer_is(c, type, TYPE_ARRAY) || infer_is(c, type, TYPE_STRING))
		element = types_element(c->types, type, NULL);
	else if (types_is_histogram(c->types, type))
		element = types_element(c->types, types_form(c->types, type), NULL);
	if (!element || !types_size(c->types, element)) {
		if (infer_error(c, node->node.span,
			    "The array index operator [] can not be used on expressions of type "
			    "'%s'",
			    typename_spell(c, type)))
			infer_hint_comparable(c, type);
		return 0;
	}
	return infer_loaded(c, element);
}
