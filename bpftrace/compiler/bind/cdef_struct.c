/* SPDX-License-Identifier: Apache-2.0 */
/*
 * struct, union and enum of C: their members, and their offsets in C on the machines that
 * the kernel runs on (System V ABI): a bit-field does not cross a boundary of its type, unless the
 * struct is packed.
 */
#include <string.h>

#include "bpftrace/compiler/cfront/cfront.h"
#include "cdef.h"
#include "libcommon/base/hashmap.h"
#include "typename.h"

/* A member before it has its place; width counts for bit-fields only. */
struct cdef_member {
	const char *name; /* "" for an unnamed struct or union, NULL for an unnamed bit-field */
	uint32_t type;
	uint32_t align;
	uint32_t asked; /* by an attribute of its own: at least so many bytes */
	uint32_t width;
	bool is_bits;
};

struct cdef_members {
	VEC(struct cdef_member) list;
	struct hashmap names;
};

/* --- alignment --- */

/* Of a type by value. What attributes of structs change, BTF does not have. */
static uint32_t align_of(struct cdef *cdef, uint32_t type)
{
	const struct type_alignment *known;
	uint32_t count;

	while (types_class(cdef->c->types, type) == TYPE_ARRAY)
		type = types_element(cdef->c->types, type, &count);
	vec_for_each (&cdef->c->alignments, known) {
		if (known->type == type)
			return known->align;
	}
	return types_align(cdef->c->types, type);
}

/* Equal types without a name are one, whatever their alignment. */
static void note_alignment(struct cdef *cdef, const char *name, uint32_t type, uint32_t align)
{
	if (align == types_align(cdef->c->types, type))
		return;
	if (!name)
		cdef_error(cdef, parser_token_span(&cdef->parser),
			"a struct or union with such attributes needs a name");
	vec_push(&cdef->c->alignments, ((struct type_alignment){type, align}));
}

/* --- members --- */

static bool is_composite(struct cdef *cdef, uint32_t type)
{
	enum type_class class = types_class(cdef->c->types, type);

	return class == TYPE_STRUCT || class == TYPE_UNION;
}

static uint32_t bit_width(struct cdef *cdef, const struct cdef_member *member, struct span span)
{
	int64_t width = cdef_constant(cdef);
	uint32_t most = types_size(cdef->c->types, member->type) * 8;

	if (!types_is_integer(cdef->c->types, member->type))
		cdef_error(cdef, span, "only an integer can be a bit-field");
	else if (width < 0 || width > most || (width == 0 && member->name))
		cdef_error(cdef, span, "a bit-field of '%s' has 1 to %u bits",
			typename_spell(cdef->c, member->type), most);
	return (uint32_t)width;
}

static void check_name(
	struct cdef *cdef, struct cdef_members *members, const struct cdef_declarator *declarator)
{
	void **slot = hashmap_text_slot(&members->names, declarator->name);

	if (*slot)
		cdef_error(cdef, declarator->span, "two members are called '%s'", declarator->name);
	*slot = members;
}

static void read_member(struct cdef *cdef, struct cdef_members *members, uint32_t base,
	struct cdef_attributes attributes)
{
	struct parser *parser = &cdef->parser;
	struct cdef_declarator declarator = cdef_declarator(cdef, base);
	struct cdef_member member = {.name = declarator.name, .type = declarator.type};

	if (cdef->failed)
		return;
	if (!member.name && !parser_at(parser, TOKEN_COLON)) {
		if (!is_composite(cdef, base)) {
			parser_wanted(parser, "the name of a member");
			cdef->failed = true;
			return;
		}
		member.name = "";
	} else if (member.name) {
		check_name(cdef, members, &declarator);
	}
	cdef_size(cdef, &member.type, declarator.span);
	member.is_bits = !cdef->failed && parser_accept(parser, TOKEN_COLON);
	if (member.is_bits)
		member.width = bit_width(cdef, &member, declarator.span);
	cdef_attributes(cdef, &attributes);
	if (member.is_bits && (attributes.packed || attributes.align))
		cdef_error(cdef, declarator.span, "a bit-field takes no attributes");
	member.asked = attributes.align;
	member.align = MAX(attributes.packed ? 1 : align_of(cdef, member.type), attributes.align);
	vec_push(&members->list, member);
}

/* specifiers declarator, …; the last line may lack its semicolon, as C compilers let it. */
static void read_line(struct cdef *cdef, struct cdef_members *members)
{
	struct cdef_attributes attributes = {};
	uint32_t base = cdef_specifiers(cdef, &attributes);

	do {
		if (!cdef->failed)
			read_member(cdef, members, base, attributes);
	} while (!cdef->failed && parser_accept(&cdef->parser, TOKEN_COMMA));
	if (!cdef->failed && !parser_at(&cdef->parser, TOKEN_RIGHT_BRACE) &&
		!parser_expect(&cdef->parser, TOKEN_SEMICOLON))
		cdef->failed = true;
}

/* --- layout --- */

struct layout {
	struct cdef_attributes attributes;
	bool is_union;
	uint64_t end; /* in bits */
	uint32_t align;
};

static uint64_t place_bits(
	struct cdef *cdef, struct layout *layout, const struct cdef_member *member)
{
	uint64_t unit = types_size(cdef->c->types, member->type) * 8ull;
	uint64_t at = layout->is_union ? 0 : layout->end;
	bool crosses = member->width && at / unit != (at + member->width - 1) / unit;

	if (member->width == 0 || (crosses && !layout->attributes.packed))
		at = ALIGN_UP(at, unit);
	layout->end = MAX(layout->end, at + member->width);
	if (member->name && !layout->attributes.packed)
		layout->align = MAX(layout->align, member->align);
	return at;
}

static uint64_t place(struct cdef *cdef, struct layout *layout, const struct cdef_member *member)
{
	uint64_t size = types_size(cdef->c->types, member->type) * 8ull;
	uint32_t align = layout->attributes.packed ? MAX(1u, member->asked) : member->align;
	uint64_t at = layout->is_union ? 0 : ALIGN_UP(layout->end, align * 8ull);

	layout->end = MAX(layout->end, at + size);
	layout->align = MAX(layout->align, align);
	return at;
}

static uint32_t lay_out(struct cdef *cdef, const char *keyword, const char *name,
	struct cdef_members *members, struct layout layout)
{
	struct types_member *placed =
		arena_array(cdef->c->arena, struct types_member, members->list.count + 1);
	struct cdef_member *member;
	size_t count = 0;
	uint64_t size;
	uint32_t id;

	layout.align = MAX(1u, layout.attributes.align);
	vec_for_each (&members->list, member) {
		uint64_t at = member->is_bits ? place_bits(cdef, &layout, member)
					      : place(cdef, &layout, member);

		if (member->name)
			placed[count++] = (struct types_member){
				.name = member->name,
				.type = member->type,
				.bit_offset = (uint32_t)at,
				.bit_size = member->is_bits ? member->width : 0,
			};
	}
	size = ALIGN_UP((layout.end + 7) / 8, layout.align);
	if (size > C_BYTES_MAX) {
		cdef->is_too_large = true;
		cdef_error(cdef, parser_token_span(&cdef->parser), "%s %s is larger than 512 MB",
			keyword, name ? name : "");
		return 0;
	}
	id = types_composite(cdef->c->types, keyword, name, placed, count, (uint32_t)size);
	note_alignment(cdef, name, id, layout.align);
	return id;
}

static uint32_t read_body(
	struct cdef *cdef, const char *keyword, const char *name, struct cdef_attributes attributes)
{
	struct parser *parser = &cdef->parser;
	struct cdef_members members = {};
	struct layout layout = {.is_union = strcmp(keyword, "union") == 0};
	uint32_t id = 0;

	if (!parser_enter(parser))
		cdef->failed = true;
	while (!cdef->failed && !parser_accept(parser, TOKEN_RIGHT_BRACE)) {
		if (!parser_accept(parser, TOKEN_SEMICOLON))
			read_line(cdef, &members);
	}
	parser_leave(parser);
	cdef_attributes(cdef, &attributes);
	layout.attributes = attributes;
	if (!cdef->failed)
		id = lay_out(cdef, keyword, name, &members, layout);
	vec_deinit(&members.list);
	hashmap_deinit(&members.names);
	return id;
}

/* --- enum --- */

static uint32_t read_enumerators(struct cdef *cdef, const char *name)
{
	VEC(struct types_constant) constants = {};
	struct parser *parser = &cdef->parser;
	int64_t next = 0;
	uint32_t id = 0;

	while (!cdef->failed && !parser_accept(parser, TOKEN_RIGHT_BRACE)) {
		struct types_constant constant = {};

		if (!token_is_name(parser->token.kind)) {
			PARSER_UNEXPECTED(parser, TOKEN_IDENTIFIER);
			cdef->failed = true;
			break;
		}
		constant.name = parser_take_text(parser);
		if (parser_accept(parser, TOKEN_ASSIGN))
			next = cdef_constant(cdef);
		constant.value = next;
		next = (int64_t)((uint64_t)next + 1);
		vec_push(&constants, constant);
		cdef->constants = constants.items;
		cdef->constant_count = constants.count;
		if (!cdef->failed && !parser_accept(parser, TOKEN_COMMA) &&
			!parser_at(parser, TOKEN_RIGHT_BRACE)) {
			PARSER_UNEXPECTED(parser, TOKEN_COMMA, TOKEN_RIGHT_BRACE);
			cdef->failed = true;
		}
	}
	if (!cdef->failed)
		id = types_enum(cdef->c->types, name, constants.items, constants.count);
	cdef->constant_count = 0;
	vec_deinit(&constants);
	return id;
}

/* One that is packed has another size. */
static void refuse_attributes(struct cdef *cdef, struct cdef_attributes attributes)
{
	struct span span = parser_token_span(&cdef->parser);

	cdef_attributes(cdef, &attributes);
	if (attributes.packed || attributes.align)
		cdef_error(cdef, span, "an enum takes no attributes");
}

/* --- all of them --- */

static uint32_t define(struct cdef *cdef, const char *keyword, const char *name, struct span span,
	struct cdef_attributes attributes)
{
	bool is_enum = strcmp(keyword, "enum") == 0;
	uint32_t id;

	parser_next(&cdef->parser);
	id = is_enum ? read_enumerators(cdef, name) : read_body(cdef, keyword, name, attributes);
	if (is_enum)
		refuse_attributes(cdef, attributes);
	if (cdef->failed || (!name && !is_enum))
		return id;
	/* unnamed enums are kept for their constants: no script can spell this name */
	if (!name)
		name = arena_printf(cdef->c->arena, "(%u)", id);
	if (!types_define(cdef->c->types, keyword, name, id))
		cdef_error(cdef, span, "%s %s is defined twice", keyword, name);
	return id;
}

uint32_t cdef_tagged(struct cdef *cdef)
{
	struct parser *parser = &cdef->parser;
	const char *keyword = parser_take_text(parser), *name = NULL;
	struct cdef_attributes attributes = {};
	struct span span;

	cdef_attributes(cdef, &attributes);
	span = parser_token_span(parser);
	if (token_is_name(parser->token.kind))
		name = parser_take_text(parser);
	if (!cdef->failed && parser_at(parser, TOKEN_LEFT_BRACE))
		return define(cdef, keyword, name, span, attributes);
	if (!name && !cdef->failed) {
		PARSER_UNEXPECTED(parser, TOKEN_IDENTIFIER, TOKEN_LEFT_BRACE);
		cdef->failed = true;
	}
	return cdef->failed ? 0 : types_forward(cdef->c->types, keyword, name);
}
