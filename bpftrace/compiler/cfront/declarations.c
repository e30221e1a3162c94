/* SPDX-License-Identifier: Apache-2.0 */
#include "declarations.h"

#include <string.h>

#include "guard.h"

const char *c_keyword(enum CXCursorKind kind)
{
	switch (kind) {
	case CXCursor_StructDecl: return "struct";
	case CXCursor_UnionDecl: return "union";
	case CXCursor_EnumDecl: return "enum";
	default: return NULL;
	}
}

/* The library gives such a one the name of the typedef, but another reference: "…@SA@name". */
bool c_is_unnamed(const struct cfront *cfront, CXCursor cursor)
{
	static const char *const marks[] = {"@SA@", "@UA@", "@EA@"};
	const char *reference;

	if (cfront->clang->Cursor_isAnonymous(cursor))
		return true;
	reference = unit_text(cfront, cfront->clang->getCursorUSR(cursor));
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		const char *mark = strstr(reference, marks[i]);

		if (mark && !strchr(mark + strlen(marks[i]), '@'))
			return true;
	}
	return false;
}

static bool is_unsigned(enum CXTypeKind kind)
{
	return kind == CXType_Bool || kind == CXType_UChar || kind == CXType_UShort ||
	       kind == CXType_UInt || kind == CXType_ULong || kind == CXType_ULongLong;
}

int64_t c_enumerator_value(const struct cfront *cfront, CXCursor of_enum, CXCursor enumerator)
{
	const struct libclang *clang = cfront->clang;
	CXType type = clang->getCanonicalType(clang->getEnumDeclIntegerType(of_enum));

	return is_unsigned(type.kind) ? (int64_t)clang->getEnumConstantDeclUnsignedValue(enumerator)
				      : clang->getEnumConstantDeclValue(enumerator);
}

/* The file of the last declaration is that of the next one, most often. */
struct collecting {
	struct c_declarations *declarations;
	CXFile file;
	enum declared where;
};

static bool find_where(struct collecting *collecting, CXCursor cursor, enum declared *ret)
{
	struct cfront *cfront = collecting->declarations->cfront;
	struct c_place place = unit_place(cfront, cfront->clang->getCursorLocation(cursor));
	const struct c_item *item;

	if (place.is_script) {
		item = unit_item_at(cfront, place.offset);
		*ret = BY_SCRIPT;
		return item && place.offset >= item->text_begin &&
		       (item->kind == C_DEFINITION || item->kind == C_LINE);
	}
	if (place.file != collecting->file) {
		collecting->file = place.file;
		collecting->where = search_is_kernel(cfront->c, &cfront->search,
					    unit_file_name(cfront, place.file))
					    ? BY_KERNEL
					    : BY_HEADER;
	}
	*ret = collecting->where;
	return place.file != NULL;
}

static const char *key_of(
	struct c_declarations *declarations, const char *keyword, const char *name)
{
	return arena_join(declarations->cfront->c->arena, keyword ? keyword : "", " ", name, NULL);
}

struct enumerating {
	struct c_declarations *declarations;
	size_t index; /* of the enum */
};

static enum CXChildVisitResult add_enumerator(
	CXCursor cursor, CXCursor parent _unused_, CXClientData context)
{
	struct enumerating *enumerating = context;
	struct c_declarations *declarations = enumerating->declarations;
	struct cfront *cfront = declarations->cfront;

	if (cfront->clang->getCursorKind(cursor) != CXCursor_EnumConstantDecl)
		return CXChildVisit_Continue;
	vec_push(&declarations->enumerators, ((struct c_enumerator){cursor, enumerating->index}));
	*hashmap_text_slot(&declarations->enumerators_named,
		unit_text(cfront, cfront->clang->getCursorSpelling(cursor))) =
		(void *)declarations->enumerators.count;
	return CXChildVisit_Continue;
}

static void add_declaration(struct c_declarations *declarations, CXCursor cursor,
	const char *keyword, enum declared where)
{
	struct cfront *cfront = declarations->cfront;
	bool is_anonymous = keyword && c_is_unnamed(cfront, cursor);
	const char *name =
		is_anonymous ? "" : unit_text(cfront, cfront->clang->getCursorSpelling(cursor));
	struct enumerating enumerating = {declarations, declarations->list.count};
	bool is_enum = keyword && strcmp(keyword, "enum") == 0;

	if (!is_enum && (!*name || strchr(name, ' ')))
		return;
	vec_push(&declarations->list, ((struct c_declaration){
					      .keyword = keyword,
					      .name = strchr(name, ' ') ? "" : name,
					      .cursor = cursor,
					      .where = where,
				      }));
	if (*vec_last(&declarations->list)->name)
		*hashmap_text_slot(&declarations->by_name, key_of(declarations, keyword, name)) =
			(void *)declarations->list.count;
	if (is_enum)
		cfront->clang->visitChildren(cursor, add_enumerator, &enumerating);
}

/* --- values of our own declarations --- */

static void take_string(struct cfront *cfront, CXEvalResult result, const char **ret)
{
	const struct libclang *clang = cfront->clang;

	if (clang->EvalResult_getKind(result) == CXEval_StrLiteral)
		*ret = arena_strdup(cfront->c->arena, clang->EvalResult_getAsStr(result));
}

static void take_number(struct cfront *cfront, CXEvalResult result, const char **ret)
{
	const struct libclang *clang = cfront->clang;
	long long value;

	if (clang->EvalResult_getKind(result) != CXEval_Int)
		return;
	value = clang->EvalResult_getAsLongLong(result);
	if (clang->EvalResult_isUnsignedInt(result))
		*ret = arena_printf(
			cfront->c->arena, "%llu", clang->EvalResult_getAsUnsigned(result));
	else
		*ret = arena_printf(cfront->c->arena, value < 0 ? "(%lld)" : "%lld", value);
}

static const struct {
	const char *name;
	size_t offset;
	void (*take)(struct cfront *cfront, CXEvalResult result, const char **ret);
} results[] = {
	{CFRONT_PREFIX "text", offsetof(struct c_item, expansion), take_string},
	{CFRONT_PREFIX "call", offsetof(struct c_item, call), take_string},
	{CFRONT_PREFIX "value", offsetof(struct c_item, value), take_number},
	{CFRONT_PREFIX "result", offsetof(struct c_item, call_value), take_number},
	{CFRONT_PREFIX "alive", 0, NULL},
};

/* "__bpftrace_text_12": the value of what it declares goes to item 12. */
static void take_result(struct cfront *cfront, CXCursor cursor)
{
	const char *name = unit_text(cfront, cfront->clang->getCursorSpelling(cursor));
	const char *digits = strrchr(name, '_');
	size_t number = digits ? strtoul(digits + 1, NULL, 10) : 0;

	for (size_t i = 0; digits && i < ARRAY_SIZE(results); i++) {
		size_t length = strlen(results[i].name);
		struct c_item *item;

		if ((size_t)(digits - name) != length ||
			strncmp(name, results[i].name, length) != 0 ||
			number >= cfront->items.count)
			continue;
		item = &cfront->items.items[number];
		item->is_alive = true;

		CXEvalResult result =
			results[i].take ? cfront->clang->Cursor_Evaluate(cursor) : NULL;

		if (!result)
			return;
		results[i].take(
			cfront, result, (const char **)(void *)((char *)item + results[i].offset));
		cfront->clang->EvalResult_dispose(result);
	}
}

/* Declarations in a struct come before it, as it uses them. */
static enum CXChildVisitResult collect(
	CXCursor cursor, CXCursor parent _unused_, CXClientData context)
{
	struct collecting *collecting = context;
	struct c_declarations *declarations = collecting->declarations;
	const struct libclang *clang = declarations->cfront->clang;
	enum CXCursorKind kind = clang->getCursorKind(cursor);
	const char *keyword = c_keyword(kind);
	enum declared where;

	if (kind == CXCursor_VarDecl) {
		take_result(declarations->cfront, cursor);
		return CXChildVisit_Continue;
	}
	if (!keyword && kind != CXCursor_TypedefDecl)
		return CXChildVisit_Continue;
	if (keyword && !clang->isCursorDefinition(cursor))
		return CXChildVisit_Continue;
	if (!find_where(collecting, cursor, &where))
		return CXChildVisit_Continue;
	if (kind == CXCursor_StructDecl || kind == CXCursor_UnionDecl)
		clang->visitChildren(cursor, collect, collecting);
	add_declaration(declarations, cursor, keyword, where);
	return CXChildVisit_Continue;
}

struct c_declaration *declarations_find(
	struct c_declarations *declarations, const char *keyword, const char *name)
{
	void *found = hashmap_text_get(&declarations->by_name, key_of(declarations, keyword, name));

	return found ? &declarations->list.items[(uintptr_t)found - 1] : NULL;
}

const struct c_enumerator *declarations_find_enumerator(
	const struct c_declarations *declarations, const char *name)
{
	void *found = hashmap_text_get(&declarations->enumerators_named, name);

	return found ? &declarations->enumerators.items[(uintptr_t)found - 1] : NULL;
}

void declarations_collect(struct cfront *cfront)
{
	struct collecting collecting = {
		.declarations = arena_new(cfront->c->arena, struct c_declarations)};

	collecting.declarations->cfront = cfront;
	cfront->declarations = collecting.declarations;
	guard_begin(cfront);
	cfront->clang->visitChildren(
		cfront->clang->getTranslationUnitCursor(cfront->unit), collect, &collecting);
	guard_end();
}

void declarations_deinit(struct c_declarations *declarations)
{
	if (!declarations)
		return;
	vec_deinit(&declarations->list);
	vec_deinit(&declarations->enumerators);
	hashmap_deinit(&declarations->by_name);
	hashmap_deinit(&declarations->enumerators_named);
}
