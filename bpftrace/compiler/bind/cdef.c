/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The script's own definitions in C: struct, union, enum and typedef become types of the program's
 * BTF, found by their names before those of the kernel. They are read by a small parser of
 * declarations, over the tokens of the language; what they name and the script does not define
 * comes from the kernel's BTF. What it does not understand, and scripts with preprocessor lines,
 * are read by a C compiler (cfront/).
 */
#include "cdef.h"

#include <stdarg.h>
#include <string.h>

#include "bpftrace/compiler/cfront/cfront.h"

void cdef_error(struct cdef *cdef, struct span span, const char *format, ...)
{
	_cleanup_str_ struct str message = STR_INIT;
	va_list args;

	if (cdef->failed)
		return;
	cdef->failed = true;
	va_start(args, format);
	str_vprintf(&message, format, args);
	va_end(args);
	diag_error(cdef->c->diags, span, "%s", str_text(&message));
}

static void define_typedef(struct cdef *cdef, const struct cdef_declarator *declarator)
{
	struct types *types = cdef->c->types;

	if (!declarator->name)
		cdef_error(cdef, declarator->span, "a typedef needs a name");
	else if (!types_define(types, NULL, declarator->name, declarator->type))
		cdef_error(cdef, declarator->span, "%s is defined twice", declarator->name);
}

/* typedef specifiers declarator, …; */
static void read_typedef(struct cdef *cdef)
{
	struct cdef_attributes attributes = {};
	uint32_t base;

	parser_next(&cdef->parser);
	base = cdef_specifiers(cdef, &attributes);
	do {
		struct cdef_declarator declarator = cdef_declarator(cdef, base);

		cdef_attributes(cdef, &attributes);
		if (attributes.packed || attributes.align)
			cdef_error(cdef, declarator.span, "a typedef takes no attributes");
		if (!cdef->failed)
			define_typedef(cdef, &declarator);
	} while (!cdef->failed && parser_accept(&cdef->parser, TOKEN_COMMA));
}

/* Returns whether the C compiler may make more of it. */
static bool read_definition(struct compilation *c, const struct c_text *definition)
{
	struct cdef cdef = {
		.c = c,
		.parser = parser_new(c->arena, c->diags, definition->node.span.source),
	};
	struct parser *parser = &cdef.parser;
	size_t errors = c->diags->errors;

	parser->lexer.length = definition->node.span.end;
	parser_seek(parser, definition->node.span.begin, definition->node.span.begin);
	if (parser_at(parser, TOKEN_TYPEDEF))
		read_typedef(&cdef);
	else
		cdef_specifiers(&cdef, &(struct cdef_attributes){});
	if (c->diags->errors == errors && !parser_accept(parser, TOKEN_SEMICOLON) &&
		!parser_at(parser, TOKEN_END))
		PARSER_UNEXPECTED(parser, TOKEN_SEMICOLON);
	parser_deinit(parser);
	return !cdef.is_too_large;
}

/* Whether two lists have an error at the same line. */
static bool is_agreed(const struct diags *diags, struct diags_mark ours, struct diags_mark theirs)
{
	for (size_t i = ours.count; i < theirs.count; i++) {
		for (size_t j = theirs.count; j < diags->list.count; j++) {
			struct span a = diags->list.items[i].span, b = diags->list.items[j].span;

			if (a.source == b.source &&
				diags_position(diags, a.source, a.begin).line ==
					diags_position(diags, b.source, b.begin).line)
				return true;
		}
	}
	return false;
}

/* Those that we took may name others that we did not, so all are read once more. Our messages stay
 * where the C compiler finds fault with the same line, too. */
static void read_by_compiler(struct compilation *c, struct diags_mark ours)
{
	struct diags *diags = c->diags;
	const struct diags_mark theirs = diags_mark(diags);
	_cleanup_error_ struct error *missing = NULL;

	types_forget_defined(c->types);
	if (cfront_read_definitions(c, &missing)) {
		diags_back(diags, ours);
	} else if (!missing && is_agreed(diags, ours, theirs)) {
		diags_back(diags, theirs);
	} else if (!missing) {
		diags_remove(diags, ours, theirs);
	}
}

void cdef_parse(struct compilation *c)
{
	const struct diags_mark mark = diags_mark(c->diags);
	struct node *definition;
	bool is_for_compiler = true;

	bool is_defined = cfront_define(c);

	node_for_each (c->program->definitions, definition) {
		if (is_defined && definition->span.source == c->source)
			continue;
		/* what is included here gives nothing */
		if (definition->kind == NODE_C_TEXT && node_c_text(definition)->text[0] != '#')
			is_for_compiler &= read_definition(c, node_c_text(definition));
	}
	if (c->diags->errors > mark.errors && is_for_compiler && !is_defined)
		read_by_compiler(c, mark);
}
