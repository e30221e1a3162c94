/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names come first: a member whose type has a name gets the type that types_find has for it, if the
 * size is the same, so that it does not matter which definition was read first, and types that were
 * added for the kernel's (stubs.h) become those of the kernel.
 */
#include "c_types.h"

#include <string.h>

#include "cfront.h"
#include "declarations.h"
#include "guard.h"
#include "stubs.h"

struct c_types {
	struct types_headers headers;
	struct cfront *cfront;
	struct c_declarations *declarations;
	unsigned depth;
};

enum {
	DEPTH_MAX = 100,
	MEMBERS_MAX = 8192, /* the library takes time by its square */
};

static uint32_t type_of(struct c_types *c_types, CXType type);
static uint32_t make(struct c_types *c_types, struct c_declaration *declaration);

/* --- types --- */

static uint32_t integer(struct c_types *c_types, CXType type, bool is_signed)
{
	struct types *types = c_types->cfront->c->types;
	long long size = c_types->cfront->clang->Type_getSizeOf(type);

	if (size == 16)
		return types_array(types, types_integer(types, 8, false), 2);
	return size > 0 && size <= 8 ? types_integer(types, (uint32_t)size, is_signed) : 0;
}

/* What has no counterpart: as many bytes. */
static uint32_t bytes(struct c_types *c_types, CXType type)
{
	struct types *types = c_types->cfront->c->types;
	long long size = c_types->cfront->clang->Type_getSizeOf(type);

	return size > 0 ? types_array(types, types_integer(types, 1, false), (uint32_t)size) : 0;
}

static uint32_t word(struct c_types *c_types, const char *name, CXType type)
{
	uint32_t id = types_find(c_types->cfront->c->types, NULL, name);

	return id ? id : integer(c_types, type, false);
}

/* The type that this name has in the program, if it is as large as the compiler's. */
static uint32_t by_name(struct c_types *c_types, const char *keyword, const char *name, CXType type)
{
	struct types *types = c_types->cfront->c->types;
	long long size = c_types->cfront->clang->Type_getSizeOf(type);
	uint32_t id = types_find(types, keyword, name);

	return id && (long long)types_size(types, id) == MAX(size, 0) ? id : 0;
}

static uint32_t tagged(struct c_types *c_types, CXType type)
{
	struct cfront *cfront = c_types->cfront;
	CXCursor cursor = cfront->clang->getTypeDeclaration(type);
	const char *keyword = c_keyword(cfront->clang->getCursorKind(cursor));
	struct c_declaration here = {.keyword = keyword, .name = "", .cursor = cursor}, *known;
	uint32_t id;

	if (!keyword)
		return 0;
	if (!c_is_unnamed(cfront, cursor))
		here.name = unit_text(cfront, cfront->clang->getCursorSpelling(cursor));
	if (strchr(here.name, ' '))
		here.name = "";
	if (!*here.name)
		return make(c_types, &here);
	id = by_name(c_types, keyword, here.name, type);
	known = declarations_find(c_types->declarations, keyword, here.name);
	return id ? id : make(c_types, known ? known : &here);
}

static uint32_t pointer(struct c_types *c_types, CXType type)
{
	struct cfront *cfront = c_types->cfront;
	const struct libclang *clang = cfront->clang;
	struct types *types = cfront->c->types;
	CXType to = clang->getPointeeType(type);
	CXCursor cursor = clang->getTypeDeclaration(to);
	const char *keyword = c_keyword(clang->getCursorKind(cursor));
	const char *name = "";

	if (keyword && !c_is_unnamed(cfront, cursor))
		name = unit_text(cfront, clang->getCursorSpelling(cursor));
	if (*name && !strchr(name, ' ') && strcmp(keyword, "enum") != 0)
		return types_pointer(types, types_forward(types, keyword, name), ADDRESS_KERNEL);
	return types_pointer(types, type_of(c_types, to), ADDRESS_KERNEL);
}

static uint32_t array(struct c_types *c_types, CXType type)
{
	const struct libclang *clang = c_types->cfront->clang;
	long long count = clang->getArraySize(type);
	uint32_t element = type_of(c_types, clang->getArrayElementType(type));

	return element && count <= INT32_MAX
		       ? types_array(c_types->cfront->c->types, element, (uint32_t)MAX(count, 0))
		       : 0;
}

static uint32_t alias(struct c_types *c_types, CXType type)
{
	struct cfront *cfront = c_types->cfront;
	CXCursor cursor = cfront->clang->getTypeDeclaration(type);
	const char *name = unit_text(cfront, cfront->clang->getCursorSpelling(cursor));
	uint32_t id = by_name(c_types, NULL, name, type);

	return id || stubs_has(cfront, NULL, name)
		       ? id
		       : type_of(c_types, cfront->clang->getTypedefDeclUnderlyingType(cursor));
}

static uint32_t type_of(struct c_types *c_types, CXType type)
{
	const struct libclang *clang = c_types->cfront->clang;

	switch (type.kind) {
	case CXType_Void:
	case CXType_FunctionProto:
	case CXType_FunctionNoProto: return 0;
	case CXType_Bool: return word(c_types, "bool", type);
	case CXType_Char_S:
	case CXType_Char_U: return word(c_types, "char", type);
	case CXType_SChar:
	case CXType_Short:
	case CXType_Int:
	case CXType_Long:
	case CXType_LongLong:
	case CXType_Int128: return integer(c_types, type, true);
	case CXType_UChar:
	case CXType_Char16:
	case CXType_Char32:
	case CXType_WChar:
	case CXType_UShort:
	case CXType_UInt:
	case CXType_ULong:
	case CXType_ULongLong:
	case CXType_UInt128:
	case CXType_Float:
	case CXType_Float16:
	case CXType_Half:
	case CXType_Double:
	case CXType_LongDouble:
	case CXType_Float128: return integer(c_types, type, false);
	case CXType_Pointer:
	case CXType_BlockPointer: return pointer(c_types, type);
	case CXType_ConstantArray:
	case CXType_IncompleteArray: return array(c_types, type);
	case CXType_Typedef: return alias(c_types, type);
	case CXType_Elaborated: return type_of(c_types, clang->Type_getNamedType(type));
	case CXType_Attributed: return type_of(c_types, clang->Type_getModifiedType(type));
	case CXType_Atomic: return type_of(c_types, clang->Type_getValueType(type));
	case CXType_Record:
	case CXType_Enum: return tagged(c_types, type);
	default: break;
	}

	CXType canonical = clang->getCanonicalType(type);

	return canonical.kind == type.kind ? bytes(c_types, type) : type_of(c_types, canonical);
}

/* --- struct, union, enum --- */

struct making {
	struct c_types *c_types;
	VEC(struct types_member) members;
	VEC(struct types_constant) constants;
	bool failed;
};

static enum CXVisitorResult count_member(CXCursor cursor _unused_, CXClientData context)
{
	(*(size_t *)context)++;
	return CXVisit_Continue;
}

/* Offsets of what is in an unnamed member are from the struct around it. */
static enum CXVisitorResult add_member(CXCursor cursor, CXClientData context)
{
	struct making *making = context;
	struct cfront *cfront = making->c_types->cfront;
	const struct libclang *clang = cfront->clang;
	CXType type = clang->getCursorType(cursor);
	bool is_bits = clang->Cursor_isBitField(cursor);
	const char *name = unit_text(cfront, clang->getCursorSpelling(cursor));
	struct types_member member = {
		.name = strchr(name, ' ') ? "" : name,
		.type = type_of(making->c_types, type),
		.bit_size = is_bits ? (uint32_t)clang->getFieldDeclBitWidth(cursor) : 0,
	};
	long long offset = clang->Cursor_getOffsetOfField(cursor);

	if (is_bits && (!*member.name || !member.bit_size))
		return CXVisit_Continue;
	making->failed |= offset < 0 || offset > UINT32_MAX || !member.type;
	member.bit_offset = (uint32_t)offset;
	vec_push(&making->members, member);
	return CXVisit_Continue;
}

static enum CXChildVisitResult add_constant(CXCursor cursor, CXCursor parent, CXClientData context)
{
	struct making *making = context;
	struct cfront *cfront = making->c_types->cfront;
	const struct libclang *clang = cfront->clang;

	if (clang->getCursorKind(cursor) == CXCursor_EnumConstantDecl)
		vec_push(&making->constants,
			((struct types_constant){
				.name = unit_text(cfront, clang->getCursorSpelling(cursor)),
				.value = c_enumerator_value(cfront, parent, cursor)}));
	return CXChildVisit_Continue;
}

static uint32_t make_composite(
	struct c_types *c_types, const struct c_declaration *declaration, CXType type)
{
	struct cfront *cfront = c_types->cfront;
	struct making making = {.c_types = c_types};
	long long size = cfront->clang->Type_getSizeOf(type);
	const char *name = *declaration->name ? declaration->name : NULL;
	size_t members = 0;
	uint32_t id = 0;

	if (size < 0 || size > C_BYTES_MAX)
		return 0;
	cfront->clang->Type_visitFields(type, count_member, &members);
	making.failed = members > MEMBERS_MAX;
	if (!making.failed)
		cfront->clang->Type_visitFields(type, add_member, &making);
	if (!making.failed)
		id = types_composite(cfront->c->types, declaration->keyword, name,
			making.members.items, making.members.count, (uint32_t)size);
	vec_deinit(&making.members);
	return id;
}

/* One that is packed is smaller than the BTF's; its constants are found all the same. */
static uint32_t make_enum(
	struct c_types *c_types, const struct c_declaration *declaration, CXType type)
{
	struct cfront *cfront = c_types->cfront;
	struct types *types = cfront->c->types;
	struct making making = {.c_types = c_types};
	const char *name = *declaration->name ? declaration->name : NULL;
	uint32_t id;

	cfront->clang->visitChildren(declaration->cursor, add_constant, &making);
	id = types_enum(types, name, making.constants.items, making.constants.count);
	vec_deinit(&making.constants);
	return (long long)types_size(types, id) == cfront->clang->Type_getSizeOf(type)
		       ? id
		       : integer(c_types, type, false);
}

/* A struct or union that a script has or names, and that has no type. */
static void report_failure(struct c_types *c_types, const struct c_declaration *declaration)
{
	struct cfront *cfront = c_types->cfront;
	const struct libclang *clang = cfront->clang;
	long long size = clang->Type_getSizeOf(clang->getCursorType(declaration->cursor));
	const char *reason = size > C_BYTES_MAX
				     ? "is larger than 512 MB"
				     : "has too many members, or they are nested too deeply";
	struct c_place place = unit_place(cfront, clang->getCursorLocation(declaration->cursor));
	struct span span = {.source = cfront->c->source};

	if (declaration->where == BY_SCRIPT) {
		span = unit_item_at(cfront, place.offset)->span;
		diag_error(cfront->c->diags, span, "%s %s %s", declaration->keyword,
			declaration->name, reason);
	} else if (declaration->where == BY_HEADER) {
		diag_warning(cfront->c->diags, span, "%s %s of %s:%u %s: it is left out",
			declaration->keyword, declaration->name, unit_file_name(cfront, place.file),
			place.line, reason);
	}
}

/* Behind so many aliases their names do not count. */
static uint32_t make_alias(struct c_types *c_types, const struct c_declaration *declaration)
{
	const struct libclang *clang = c_types->cfront->clang;
	CXType type = clang->getTypedefDeclUnderlyingType(declaration->cursor);

	return type_of(c_types, c_types->depth < DEPTH_MAX ? type : clang->getCanonicalType(type));
}

static uint32_t make(struct c_types *c_types, struct c_declaration *declaration)
{
	const struct libclang *clang = c_types->cfront->clang;
	CXType type;
	uint32_t id = 0;

	if (declaration->is_made)
		return declaration->type;
	guard_begin(c_types->cfront);
	if (!declaration->keyword) {
		c_types->depth++;
		id = make_alias(c_types, declaration);
	} else if (c_types->depth++ < DEPTH_MAX) {
		type = clang->getCursorType(declaration->cursor);
		if (strcmp(declaration->keyword, "enum") == 0)
			id = make_enum(c_types, declaration, type);
		else
			id = make_composite(c_types, declaration, type);
	}
	c_types->depth--;
	guard_end();
	declaration->is_made = true;
	declaration->type = id;
	if (!id && !c_types->depth && declaration->keyword)
		report_failure(c_types, declaration);
	return id;
}

/* --- those of headers, by name --- */

static bool is_wanted(const struct c_declaration *declaration, bool before_kernel)
{
	return before_kernel == (declaration->where != BY_KERNEL);
}

static uint32_t find(
	struct types_headers *headers, const char *keyword, const char *name, bool before_kernel)
{
	struct c_types *c_types = container_of(headers, struct c_types, headers);
	struct c_declaration *declaration = declarations_find(c_types->declarations, keyword, name);

	return declaration && is_wanted(declaration, before_kernel) ? make(c_types, declaration)
								    : 0;
}

static bool find_enumerator(struct types_headers *headers, const char *name, bool before_kernel,
	uint32_t *ret_type, uint64_t *ret_value)
{
	struct c_types *c_types = container_of(headers, struct c_types, headers);
	const struct c_enumerator *enumerator =
		declarations_find_enumerator(c_types->declarations, name);
	struct c_declaration *declaration;

	if (!enumerator)
		return false;
	declaration = &c_types->declarations->list.items[enumerator->declaration];
	if (!is_wanted(declaration, before_kernel))
		return false;
	*ret_type = make(c_types, declaration);
	*ret_value = (uint64_t)c_enumerator_value(
		c_types->cfront, declaration->cursor, enumerator->cursor);
	return true;
}

void c_types_define(struct cfront *cfront)
{
	struct c_types *c_types = arena_new(cfront->c->arena, struct c_types);
	struct types *types = cfront->c->types;
	struct c_declaration *declaration;

	c_types->cfront = cfront;
	c_types->declarations = cfront->declarations;
	c_types->headers = (struct types_headers){find, find_enumerator};
	types_set_headers(types, &c_types->headers);
	vec_for_each (&cfront->declarations->list, declaration) {
		const char *name = declaration->name;
		uint32_t id;

		if (declaration->where != BY_SCRIPT)
			continue;
		id = make(c_types, declaration);
		/* unnamed enums are kept for their constants: no script can spell this name */
		if (!*name)
			name = arena_printf(cfront->c->arena, "(%u)", id);
		types_define(types, declaration->keyword, name, id);
	}
}
