/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types in C's own grammar: the words in front, and declarators, which are read inside out.
 * Function types become void, so that pointers to functions are pointers to nothing known;
 * qualifiers mean nothing here; float and double are taken for the integers of their bits.
 */
#include <string.h>

#include "bpftrace/compiler/cfront/cfront.h"
#include "cdef.h"
#include "constant.h"
#include "typename.h"

/* --- attributes --- */

static bool skip_parens(struct parser *parser)
{
	unsigned depth = 0;

	do {
		if (parser_at(parser, TOKEN_LEFT_PAREN))
			depth++;
		else if (parser_at(parser, TOKEN_RIGHT_PAREN))
			depth--;
		parser_next(parser);
	} while (depth && !parser_at(parser, TOKEN_END));
	return depth == 0;
}

static uint32_t read_alignment(struct cdef *cdef)
{
	struct span span = parser_token_span(&cdef->parser);
	int64_t align = cdef_constant(cdef);
	bool is_power = align > 0 && (align & (align - 1)) == 0;

	if (!is_power || align > C_BYTES_MAX) {
		cdef->is_too_large = !cdef->failed && is_power;
		cdef_error(cdef, span, "an alignment is a power of two, up to 256 MB");
	}
	return (uint32_t)align;
}

/* packed, aligned(8), or one of those without a meaning for the layout. */
static void read_attribute(struct cdef *cdef, struct cdef_attributes *attributes)
{
	struct parser *parser = &cdef->parser;
	bool packed = parser_at_text(parser, "packed") || parser_at_text(parser, "__packed__");
	bool aligned = parser_at_text(parser, "aligned") || parser_at_text(parser, "__aligned__");

	parser_next(parser);
	attributes->packed |= packed;
	if (aligned && parser_at(parser, TOKEN_LEFT_PAREN)) {
		parser_next(parser);
		attributes->align = read_alignment(cdef);
		if (!parser_expect(parser, TOKEN_RIGHT_PAREN))
			cdef->failed = true;
	} else if (aligned) {
		attributes->align = 16;
	} else if (parser_at(parser, TOKEN_LEFT_PAREN) && !skip_parens(parser)) {
		cdef->failed = true;
	}
}

/* ((a, b(c), …)) */
static void read_attribute_list(struct cdef *cdef, struct cdef_attributes *attributes)
{
	struct parser *parser = &cdef->parser;

	if (!parser_expect(parser, TOKEN_LEFT_PAREN) || !parser_expect(parser, TOKEN_LEFT_PAREN)) {
		cdef->failed = true;
		return;
	}
	while (!cdef->failed && !parser_at(parser, TOKEN_RIGHT_PAREN) &&
		!parser_at(parser, TOKEN_END)) {
		read_attribute(cdef, attributes);
		parser_accept(parser, TOKEN_COMMA);
	}
	if (!cdef->failed && (!parser_expect(parser, TOKEN_RIGHT_PAREN) ||
				     !parser_expect(parser, TOKEN_RIGHT_PAREN)))
		cdef->failed = true;
}

void cdef_attributes(struct cdef *cdef, struct cdef_attributes *attributes)
{
	struct parser *parser = &cdef->parser;

	while (!cdef->failed) {
		if (parser_at_text(parser, "__attribute__")) {
			parser_next(parser);
			read_attribute_list(cdef, attributes);
		} else if (parser_at_text(parser, "__packed")) {
			parser_next(parser);
			attributes->packed = true;
		} else {
			return;
		}
	}
}

/* --- constants --- */

/* One of the enum that is being read comes before all others of its name. */
static bool find_enumerator(const struct cdef *cdef, const char *name, uint64_t *ret)
{
	uint32_t type;

	for (size_t i = 0; i < cdef->constant_count; i++) {
		if (strcmp(cdef->constants[i].name, name) == 0) {
			*ret = (uint64_t)cdef->constants[i].value;
			return true;
		}
	}
	return types_enumerator(cdef->c->types, NULL, name, &type, ret);
}

/* Enumerators defined before, and sizeof, become numbers. */
static void fold(struct node **slot, void *context)
{
	struct cdef *cdef = context;
	uint32_t type;
	uint64_t value;

	for (; *slot; slot = &(*slot)->next) {
		struct node *node = *slot;

		if (node->kind == NODE_IDENTIFIER &&
			find_enumerator(cdef, node_identifier(node)->name, &value)) {
			*slot = constant_new(cdef->c, node->span, (int64_t)value);
		} else if (node->kind == NODE_SIZEOF &&
			   node_size_of(node)->operand->kind == NODE_TYPE) {
			type = typename_resolve(
				cdef->c, NULL, node_type(node_size_of(node)->operand), true);
			*slot = constant_new(
				cdef->c, node->span, cdef_size(cdef, &type, node->span));
		} else {
			node_slots(node, fold, cdef);
		}
		(*slot)->next = node->next;
	}
}

int64_t cdef_constant(struct cdef *cdef)
{
	struct node *node = parse_expression(&cdef->parser);
	int64_t value = 0;

	if (!node) {
		cdef->failed = true;
		return 0;
	}
	fold(&node, cdef);
	if (!constant_integer(node, &value))
		cdef_error(cdef, node->span, "this must be a constant");
	return value;
}

/* --- the words in front --- */

static bool is_any(const struct parser *parser, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (parser_at_text(parser, words[i]))
			return true;
	}
	return false;
}

static bool is_qualifier(const struct parser *parser)
{
	static const char *const words[] = {"const", "volatile", "restrict", "__restrict", "extern",
		"static", "inline", "__user", "__rcu", "__percpu", "__iomem"};

	return is_any(parser, words, ARRAY_SIZE(words));
}

static bool is_basic(const struct parser *parser)
{
	static const char *const words[] = {
		"signed", "unsigned", "char", "short", "int", "long", "__signed__"};

	return is_any(parser, words, ARRAY_SIZE(words));
}

static uint32_t integer_of(struct cdef *cdef, const struct str *words)
{
	struct slice slice = {str_text(words), words->length};

	if (strcmp(str_text(words), "char") == 0)
		return types_find(cdef->c->types, NULL, "char");
	return typename_basic(cdef->c, slice);
}

/* A typedef, of the script or the kernel, or a type of one word. */
static uint32_t named(struct cdef *cdef)
{
	static const struct {
		const char *name;
		const char *same_as;
	} others[] = {{"_Bool", "bool"}, {"float", "uint32"}, {"double", "uint64"}};
	struct parser *parser = &cdef->parser;
	struct span span = parser_token_span(parser);
	const char *name = parser_take_text(parser);
	uint32_t id;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (strcmp(name, others[i].name) == 0)
			name = others[i].same_as;
	}
	if (strcmp(name, "void") == 0)
		return 0;
	id = types_find(cdef->c->types, NULL, name);
	if (!id) {
		struct suggestion suggestion = suggest_start(name);

		types_suggest(cdef->c->types, NULL, &suggestion);
		cdef_error(cdef, span, "Unknown type: %s", name);
		if (suggestion.best)
			diag_hint(cdef->c->diags, "did you mean '%s'?", suggestion.best);
	}
	return id;
}

uint32_t cdef_specifiers(struct cdef *cdef, struct cdef_attributes *attributes)
{
	struct parser *parser = &cdef->parser;
	_cleanup_str_ struct str words = STR_INIT;
	uint32_t type = 0;
	bool found = false;

	while (!cdef->failed) {
		cdef_attributes(cdef, attributes);
		if (is_qualifier(parser)) {
			parser_next(parser);
		} else if (is_basic(parser) && (!found || words.length)) {
			str_printf(
				&words, "%s%s", words.length ? " " : "", parser_take_text(parser));
			found = true;
		} else if (!found &&
			   (parser_at(parser, TOKEN_STRUCT) || parser_at(parser, TOKEN_UNION) ||
				   parser_at(parser, TOKEN_ENUM))) {
			type = cdef_tagged(cdef);
			found = true;
		} else if (!found && token_is_name(parser->token.kind)) {
			type = named(cdef);
			found = true;
		} else {
			break;
		}
	}
	if (!found && !cdef->failed) {
		parser_wanted(parser, "a type");
		cdef->failed = true;
	}
	return words.length ? integer_of(cdef, &words) : type;
}

/* --- declarators --- */

enum { DIMENSIONS_MAX = 8 };

static uint32_t read_dimensions(struct cdef *cdef, uint32_t type)
{
	struct parser *parser = &cdef->parser;
	uint32_t sizes[DIMENSIONS_MAX];
	struct span span = parser_token_span(parser);
	size_t count = 0;

	while (!cdef->failed && parser_accept(parser, TOKEN_LEFT_BRACKET)) {
		int64_t size = parser_at(parser, TOKEN_RIGHT_BRACKET) ? 0 : cdef_constant(cdef);

		if (size < 0 || size > INT32_MAX || count == DIMENSIONS_MAX)
			cdef_error(cdef, span, "invalid array size");
		else
			sizes[count++] = (uint32_t)size;
		if (!cdef->failed && !parser_expect(parser, TOKEN_RIGHT_BRACKET))
			cdef->failed = true;
	}
	if (count)
		cdef_size(cdef, &type, span);
	while (count && !cdef->failed)
		type = types_array(cdef->c->types, type, sizes[--count]);
	return type;
}

/* What follows a name: dimensions, or the parameters of a function. */
static uint32_t read_suffix(struct cdef *cdef, uint32_t type)
{
	struct parser *parser = &cdef->parser;

	if (parser_at(parser, TOKEN_LEFT_BRACKET))
		return read_dimensions(cdef, type);
	if (!parser_at(parser, TOKEN_LEFT_PAREN))
		return type;
	if (!skip_parens(parser))
		cdef->failed = true;
	return 0;
}

/* (*name[2])(int): what is in parentheses is of the type that is made of what is around them. */
static struct cdef_declarator read_inner(struct cdef *cdef, uint32_t type)
{
	struct parser *parser = &cdef->parser;
	struct parser_mark inner = parser_try(parser), after;
	struct cdef_declarator declarator;

	skip_parens(parser);
	parser->lexer.quiet = false;
	type = read_suffix(cdef, type);
	after = parser_try(parser);
	parser_back(parser, inner);
	parser_next(parser);
	declarator = cdef_declarator(cdef, type);
	if (!cdef->failed && !parser_expect(parser, TOKEN_RIGHT_PAREN))
		cdef->failed = true;
	parser_back(parser, after);
	return declarator;
}

struct cdef_declarator cdef_declarator(struct cdef *cdef, uint32_t base)
{
	struct parser *parser = &cdef->parser;
	struct cdef_declarator declarator = {.span = parser_token_span(parser), .type = base};

	while (parser_at(parser, TOKEN_STAR) || is_qualifier(parser)) {
		if (parser_at(parser, TOKEN_STAR))
			declarator.type =
				types_pointer(cdef->c->types, declarator.type, ADDRESS_KERNEL);
		parser_next(parser);
	}
	if (parser_at(parser, TOKEN_LEFT_PAREN)) {
		if (parser_enter(parser))
			declarator = read_inner(cdef, declarator.type);
		else
			cdef->failed = true;
		parser_leave(parser);
		return declarator;
	}
	declarator.span = parser_token_span(parser);
	if (token_is_word(parser->token.kind))
		declarator.name = parser_take_text(parser);
	declarator.type = read_suffix(cdef, declarator.type);
	return declarator;
}

uint32_t cdef_size(struct cdef *cdef, uint32_t *type, struct span span)
{
	enum type_class class;

	*type = types_complete(cdef->c->types, *type);
	class = types_class(cdef->c->types, *type);
	if (class == TYPE_VOID || class == TYPE_FORWARD)
		cdef_error(cdef, span, "the size of '%s' is not known here",
			typename_spell(cdef->c, *type));
	return types_size(cdef->c->types, *type);
}
