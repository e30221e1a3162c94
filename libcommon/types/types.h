/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one type currency: BTF. struct types owns the program's own, self-contained BTF; a type is an
 * id in it, 0 is "no value" (void). Constructors are interned: same meaning, same id. BTF only
 * grows, so ids stay valid as long as struct types lives.
 *
 * What a type means to the language is its class (types_class); qualifiers and foreign typedefs are
 * looked through. Types with a meaning for people (hist, probe …) are typedefs listed in named.def.
 *
 * Sources: Documentation/bpf/btf.rst of the kernel; libbpf's btf.h.
 */
#pragma once

#include <bpf/btf.h>
#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/error.h"
#include "libcommon/base/str.h"

struct types;
struct kbtf;

enum type_class {
	TYPE_VOID,
	TYPE_INTEGER, /* INT, also char, bool */
	TYPE_ENUM,    /* ENUM, ENUM64: usable as integers */
	TYPE_POINTER,
	TYPE_STRING, /* char[N]: N bytes with the NUL */
	TYPE_ARRAY,
	TYPE_STRUCT,
	TYPE_UNION,
	TYPE_FORWARD, /* declared, not completed */
	TYPE_TUPLE,
	TYPE_NAMED, /* a row of named.def, see types_named_kind */
	TYPE_FUNCTION,
	TYPE_FLOAT,
};

enum address_space {
	ADDRESS_KERNEL,
	ADDRESS_USER, /* TYPE_TAG "user" on what the pointer points to */
};

enum named {
#define NAMED(NAME, name, doc) NAMED_##NAME,
#include "named.def"
#undef NAMED
	NR_NAMED,
};

/* In the word of a NAMED_TEXT: the string had no end within its length. */
#define TEXT_WAS_CUT (UINT64_C(1) << 63)

/* In the length of a NAMED_BUF: there were more bytes, for which there was no room. */
#define BUF_WAS_CUT (1U << 31)

/* kernel may be NULL: then no kernel type is found. It is borrowed and read at first need. */
struct types *types_new(struct kbtf *kernel);
void types_free(struct types *types);

static inline void cleanup_types(struct types **types)
{
	types_free(*types);
}

#define _cleanup_types_ _cleanup_(cleanup_types)

/* The BTF itself, borrowed. */
const struct btf *types_btf(const struct types *types);

/* --- constructors --- */

/* "int64", "uint8" … */
uint32_t types_integer(struct types *types, uint32_t bytes, bool is_signed);

/* char[bytes] */
uint32_t types_string(struct types *types, uint32_t bytes);

uint32_t types_pointer(struct types *types, uint32_t to, enum address_space space);
uint32_t types_array(struct types *types, uint32_t element, uint32_t count);

/* Members _0, _1 … */
uint32_t types_tuple(struct types *types, const uint32_t *elements, size_t count);

struct types_field {
	const char *name;
	uint32_t type;
};

/* A member of a struct, union or tuple. */
struct types_member {
	const char *name; /* "" for an unnamed one */
	uint32_t type;
	uint32_t bit_offset;
	uint32_t bit_size; /* of a bit-field, 0 otherwise */
};

/* A struct laid out as C does, members in the given order. Two structs with the same name and
 * fields are the same type. name may be NULL. */
uint32_t types_struct(
	struct types *types, const char *name, const struct types_field *fields, size_t count);

/* The same with members at the places given (bit_offset in the order of members, bit_size), for
 * layouts that are not C's own, as the records of tracepoints. size in bytes. */
uint32_t types_layout(struct types *types, const char *name, const struct types_member *members,
	size_t count, uint32_t size);

/* A struct, union or enum known by its name only; types_complete looks the definition up. keyword
 * as in types_find. */
uint32_t types_forward(struct types *types, const char *keyword, const char *name);

/* The same for what a script defines: each call makes a type of its own. keyword is "struct" or
 * "union". */
uint32_t types_composite(struct types *types, const char *keyword, const char *name,
	const struct types_member *members, size_t count, uint32_t size);

struct types_constant {
	const char *name;
	int64_t value;
};

/* An enum of 4 bytes, or of 8 where the values need them. name may be NULL. */
uint32_t types_enum(struct types *types, const char *name, const struct types_constant *constants,
	size_t count);

/* The typedef of a meaning over its form in memory; parameters ("min=0,max=10,step=2") are kept in
 * a DECL_TAG and may be NULL. */
uint32_t types_named(struct types *types, enum named named, uint32_t form, const char *parameters);

/* A NAMED_BUF with room for so many bytes; and the room of one. */
uint32_t types_buf(struct types *types, uint32_t bytes);
uint32_t types_buf_room(const struct types *types, uint32_t type);

/* --- questions; all look through const, volatile, restrict, and typedefs without a meaning --- */

enum type_class types_class(const struct types *types, uint32_t type);
uint32_t types_size(const struct types *types, uint32_t type);  /* bytes; 0 for void and forwards */
uint32_t types_align(const struct types *types, uint32_t type); /* bytes, at least 1 */

/* Of integers and enums; false for all else. */
bool types_is_signed(const struct types *types, uint32_t type);

/* TYPE_INTEGER or TYPE_ENUM. */
bool types_is_integer(const struct types *types, uint32_t type);

/* The type without what is looked through. */
uint32_t types_strip(const struct types *types, uint32_t type);

/* What a pointer points to, without the "user" tag; 0 if it is void or type is no pointer. */
uint32_t types_pointee(const struct types *types, uint32_t pointer);
enum address_space types_space(const struct types *types, uint32_t pointer);

/* Of an array or string; count may be NULL. 0 if type is neither, count is untouched then. */
uint32_t types_element(const struct types *types, uint32_t array, uint32_t *count);

/* Members of struct, union and tuple. Names live as long as struct types. */
uint32_t types_member_count(const struct types *types, uint32_t type);
struct types_member types_member_at(const struct types *types, uint32_t type, uint32_t index);

/* Finds a member by name, also inside unnamed members (bit_offset is then from the outermost). */
bool types_member(
	const struct types *types, uint32_t type, const char *name, struct types_member *ret);

/* The row of a TYPE_NAMED, what it is made of, and its parameters ("" when none). */
enum named types_named_kind(const struct types *types, uint32_t type);
uint32_t types_form(const struct types *types, uint32_t type);
const char *types_parameters(const struct types *types, uint32_t type);
bool types_is_named(const struct types *types, uint32_t type, enum named named);

/* "count", "hist" and the like as scripts and the manifest spell them. */
const char *named_name(enum named named);
bool named_find(const char *name, enum named *ret);

/* --- foreign types --- */

/* Makes a type the script's definition of a name, which types_find and types_complete take before
 * the kernel's; keyword as in types_find. False when the script has defined it before. */
bool types_define(struct types *types, const char *keyword, const char *name, uint32_t id);

/*
 * Finds a type by keyword ("struct", "union", "enum", or NULL for a typedef or basic type) and
 * name: a definition of the script first, then the integers of the language and of C ("uint8",
 * "unsigned long"), then the kernel's BTF and those of its modules, from which it is copied in:
 * members by value are copied with it, what its pointers point to becomes a forward declaration
 * whose origin is kept. 0 when there is none.
 */
uint32_t types_find(struct types *types, const char *keyword, const char *name);

/* The module in which names that the kernel does not know are looked up first, since modules may
 * have different types of one name; NULL: none. Borrowed until the next call. */
void types_prefer(struct types *types, const char *module);

/* That module, NULL when there is none; and whether the kernel tells its types. */
const char *types_preferred(const struct types *types);
bool types_knows_preferred(const struct types *types);

/* The full definition behind a forward declaration, a script's own one of that name first (itself
 * when it is complete already); the declaration's id when nothing defines it. */
uint32_t types_complete(struct types *types, uint32_t type);

/* Copies type id of another BTF in, in the way of types_find. Functions become void, and so does
 * what no valid BTF holds. source is borrowed for as long as types lives. */
uint32_t types_import(struct types *types, const struct btf *source, uint32_t id);

/*
 * The struct of a tracepoint's record, its members named and placed as the format says. Integers
 * have the size and sign of their C type, enums those of the format; arrays of char are strings, a
 * words that locate data are NAMED_DATA_LOC and NAMED_REL_LOC. Pointers to
 * structs lead to forward declarations, so that the kernel's BTF is read only when one is followed;
 * pointers to what only that BTF could explain point to void. space says where pointers point to.
 */
struct tracefs_format;
uint32_t types_from_tracefs(struct types *types, const char *name,
	const struct tracefs_format *format, enum address_space space);

/* Whether a member of such a struct locates data in the tail of the record, and the type of a
 * pointer to that data, 0 when it is a string. */
bool types_is_located(const struct types *types, uint32_t type);
uint32_t types_located(struct types *types, uint32_t type);

/* The value of an enumerator of the script, the kernel or a module; false when there is none. */
bool types_enumerator(
	struct types *types, const char *name, uint32_t *ret_type, uint64_t *ret_value);

/* The name that an enum has for a value, one of several; NULL when there is none. */
const char *types_enumerator_name(const struct types *types, uint32_t type, uint64_t value);

/* Offers each name of a kind ("struct" …) to find the one that was meant. */
struct suggestion;
void types_suggest(struct types *types, const char *keyword, struct suggestion *suggestion);

/* --- joining, spelling, exporting --- */

/*
 * The narrowest type that holds values of both, for a slot (variable, map key, map value, member):
 * integers widen (of mixed signedness to a signed one, but with uint64 to that), strings take the
 * longer, tuples join member by member, pointers to the same thing join, an integer 0 joins with
 * pointers (values are not seen here: any integer does; refuse others before). a or b may be 0 (not
 * known yet): the other one. 0 when they do not go together.
 */
uint32_t types_join(struct types *types, uint32_t a, uint32_t b);

/* As scripts spell it: "int64", "string[16]", "struct task_struct *", "(int64,string[5])". */
void types_spell(const struct types *types, uint32_t type, struct str *out);

/*
 * A new BTF with what the roots reach; ret_ids[i] is the id of roots[i] in it. What pointers point
 * to stays a forward declaration. The caller frees it with btf__free.
 */
struct error *types_export(const struct types *types, const uint32_t *roots, size_t count,
	uint32_t *ret_ids, struct btf **ret);

/* Wraps a BTF read from a bundle, for the runner: questions, types_spell, types_export only. Takes
 * btf over. Hostile contents are safe: what is broken is void. */
struct types *types_adopt(struct btf *btf);
