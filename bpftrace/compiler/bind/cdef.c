/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The script's own definitions in C: struct, union, enum and typedef become types of the program's
 * BTF, found by their names before those of the kernel. They are read by a small parser of
 * declarations, over the tokens of the language; what they name and the script does not define
 * comes from the kernel's BTF. What begins with # would need a C preprocessor.
 */
#include "cdef.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

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
		if (!cdef->failed)
			define_typedef(cdef, &declarator);
	} while (!cdef->failed && parser_accept(&cdef->parser, TOKEN_COMMA));
}

static void read_definition(struct compilation *c, const struct c_text *definition)
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
}

static void refuse_preprocessor(struct compilation *c, const struct c_text *line)
{
	int length = 1;

	while (isalpha((unsigned char)line->text[length]))
		length++;
	diag_error(c->diags, line->node.span, "%.*s: not available yet", length, line->text);
}

/* They would precede the script's first line. */
static void refuse_include_files(struct compilation *c)
{
	const struct span start = {.source = c->source};
	const char **file;

	vec_for_each (&c->request->include_files, file)
		diag_error(c->diags, start, "--include %s: not available yet", *file);
}

void cdef_parse(struct compilation *c)
{
	struct node *definition;

	refuse_include_files(c);
	node_for_each (c->program->definitions, definition) {
		if (definition->kind != NODE_C_TEXT)
			continue;
		if (node_c_text(definition)->text[0] == '#')
			refuse_preprocessor(c, node_c_text(definition));
		else
			read_definition(c, node_c_text(definition));
	}
}
