/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The script as a C compiler reads it: a text of items in the script's order. Preprocessor lines
 * and definitions are as in the script. In the place of each probe there is a declaration that
 *shows whether conditions exclude it, and for each word in it that could be a macro declarations
 *whose values are its expansion and its number:
 *
 *	#ifdef N
 *	static const char __bpftrace_text_0[] = __bpftrace_text(N);
 *	static const __auto_type __bpftrace_value_0 = (N);
 *	#endif
 *
 * So the expansion of macros is the preprocessor's own.
 */
#pragma once

#include "libclang.h"
#include "search.h"

#include "bpftrace/compiler/ast/parse.h"
#include "bpftrace/compiler/compilation.h"

#define CFRONT_PREFIX "__bpftrace_"

enum c_item_kind {
	C_INCLUDE,    /* a file of --include */
	C_LINE,       /* a preprocessor line */
	C_DEFINITION, /* a struct, union, enum or typedef */
	C_MARK,       /* a probe, or another definition of the script */
	C_USE,        /* a word that could be a macro */
	C_END,        /* defines all macros that are used once more, which shows where they are */
};

struct c_item {
	enum c_item_kind kind;
	uint32_t number;   /* of its declarations: an index of items */
	struct span span;  /* in the script; of C_USE: the word */
	uint32_t call_end; /* of C_USE: the end of the parentheses that follow the word, or 0 */
	const char *text;  /* in C */
	struct str stubs;  /* what goes before the text: see stubs.h */
	uint32_t begin, text_begin, end; /* in the C text of this round */

	/* What the compiler found. */
	bool is_alive;         /* C_MARK, C_USE: no condition excludes it */
	const char *expansion; /* C_USE, of the word; NULL: it is no macro */
	const char *call;      /* … of the word and what is in parentheses; NULL: none */
	const char *value;     /* … as a number; NULL: it has none */
	const char *call_value;
};

/* Where a macro is defined. */
struct c_definition {
	bool is_here; /* span, in the script */
	struct span span;
	const char *where; /* otherwise "file:line"; NULL: not known */
};

struct cfront {
	struct compilation *c;
	const struct libclang *clang;
	const char *name; /* of the C text, as the compiler opens it */
	VEC(struct c_item) items;
	struct str text;
	struct c_search search;
	VEC(struct CXUnsavedFile) files; /* but the first, which is the text */
	CXIndex index;
	CXTranslationUnit unit;
	struct hashmap stubs; /* "struct name" → itself: types that only the kernel's BTF defines */
	struct hashmap definitions; /* of macros that are used: name → struct c_definition */
	struct c_declarations *declarations; /* see declarations.h */
};

/* An empty one in the compilation's arena, with the library. */
struct error *cfront_new(struct compilation *c, struct cfront **ret);

/* All but what is in the arena. */
void cfront_free(struct cfront *cfront);

/* Adds an item; what lives in it is in the compilation's arena. */
struct c_item *unit_add(
	struct cfront *cfront, enum c_item_kind kind, struct span span, const char *text);

/* The line of the script that an item is in. */
uint32_t unit_line(const struct cfront *cfront, const struct c_item *item);

/* The declaration that shows whether conditions exclude an item. */
const char *unit_mark(const struct cfront *cfront, const struct c_item *item);

/* Has the compiler read the items, again and again while something that it misses can be added;
 * reports its errors. Returns false when there were any. */
bool unit_read(struct cfront *cfront);

/* The item at a place of the C text. */
const struct c_item *unit_item_at(const struct cfront *cfront, uint32_t offset);

/* The place in the script of a place in the C text. */
uint32_t unit_script_offset(const struct c_item *item, uint32_t offset);

/* A copy of the library's text, which is freed. */
const char *unit_text(const struct cfront *cfront, CXString string);

struct c_place {
	CXFile file; /* NULL: none */
	bool is_script;
	unsigned line, column, offset;
};

struct c_place unit_place(const struct cfront *cfront, CXSourceLocation location);

/* Whether a file has this name. */
bool unit_is_same_file(const struct cfront *cfront, CXFile file, const char *name);

/* The name of its file; "" when it has none. */
const char *unit_file_name(const struct cfront *cfront, CXFile file);
